import { z } from 'zod';
import { formatDuration } from '../../core/units.ts';
import { choice, count, milliseconds, text } from '../../faults/attributes.ts';
import { type AdminFault, choose, inRounds } from '../admin/index.ts';
import { OWN_APPLICATIONS, type PostgresServer } from './server.ts';

const STATES = ['any', 'active', 'idle', 'idle in transaction', 'idle in transaction (aborted)'] as const;

const attributes = z.strictObject({
  application: text('Only sessions with this application_name (glob)'),
  user: text('Only sessions of this user (glob)'),
  database: text('Only sessions in this database (glob)'),
  state: choice('Only sessions in this state, as pg_stat_activity has it', STATES, 'any'),
  count: count('At most this many at a time; 0 is as many as there are'),
  every: milliseconds('How often to do it; 0 does it once'),
});
type TerminateAttributes = z.output<typeof attributes>;

/** `pg_terminate_backend`: the victim gets FATAL 57P01 and its transaction is rolled back. */
export const terminate: AdminFault<TerminateAttributes, PostgresServer> = {
  type: 'pg_terminate',
  attributes,
  summary: 'Ends sessions on the server, by pg_terminate_backend',
  undo: 'cannot be undone: sessions that were ended stay ended and their transactions rolled back; no more are ended',
  endsConnections: true,
  shares: true,
  unit: 'sessions',
  addedLatency: () => 0,
  explain({ application, user, database, state, count, every }) {
    const filter = [
      application && `application_name ${application}`,
      user && `user ${user}`,
      database && `database ${database}`,
      state !== 'any' && `state "${state}"`,
    ].filter(Boolean);
    const which = filter.length > 0 ? ` with ${filter.join(', ')}` : '';
    const most = count > 0 ? `, ${count} at most` : '';
    return `end the sessions${which} on the server${most}${every > 0 ? `, every ${formatDuration(every)}` : ''}`;
  },
  async whyNot({ application, user, state }, server) {
    const [role] = await server.rows<Role>(ROLE);
    if (!role || role.super) return undefined;
    if (user === role.name) return undefined;
    if (!role.signal) {
      return `its user is neither a superuser nor a member of pg_signal_backend: grant that, or end only its own sessions by user: "${role.name}"`;
    }
    if ((application !== '' || state !== 'any') && !role.stats) {
      return 'its user does not see application names and states of others: grant it pg_read_all_stats';
    }
    return undefined;
  },
  engage: (context) =>
    inRounds(context.clock, context, async ({ attributes, toxicity }, round) => {
      const { application, user, database, state } = attributes;
      const values = [like(application), like(user), like(database), state];
      const found = await context.server.rows<{ pid: number; untouchable: boolean }>(SESSIONS, values);
      const sessions = found.filter(({ untouchable }) => !untouchable).map(({ pid }) => pid);
      const chosen = choose(sessions, toxicity, attributes.count, (pid) => context.draw(round, pid));
      const [row] = await context.server.rows<{ ended: number }>(TERMINATE, [chosen]);
      const ended = row?.ended ?? 0;
      context.matched(found.length);
      context.injected(ended);
      context.skipped('superuser', found.length - sessions.length);
      context.skipped('toxicity', sessions.length - chosen.length);
      context.skipped('gone', chosen.length - ended);
    }),
};

interface Role {
  readonly name: string;
  readonly super: boolean;
  readonly signal: boolean;
  readonly stats: boolean;
}

const ROLE = `select rolname as name, rolsuper as super,
  pg_has_role(rolname, 'pg_signal_backend', 'usage') as signal,
  pg_has_role(rolname, 'pg_read_all_stats', 'usage') as stats
  from pg_roles where rolname = current_user`;

/** Sessions of superusers only a superuser may end; where application names are hidden they read as empty. */
const SESSIONS = `select pid, coalesce(owner.rolsuper, false) and not me.rolsuper as untouchable
  from pg_stat_activity
  left join pg_roles owner on owner.oid = usesysid
  join pg_roles me on me.rolname = current_user
  where backend_type = 'client backend' and pid <> pg_backend_pid()
  and coalesce(application_name, '') not like '${OWN_APPLICATIONS}%'
  and ($1 = '' or application_name like $1) and ($2 = '' or usename like $2) and ($3 = '' or datname like $3)
  and ($4 = 'any' or state = $4)`;

const TERMINATE = `select count(*) filter (where ended)::int as ended
  from (select pg_terminate_backend(pid) as ended from unnest($1::int[]) as pid) as all_of_them`;

/** A glob as a pattern of LIKE. */
function like(glob: string): string {
  return glob.replace(/[\\%_]/g, '\\$&').replaceAll('*', '%');
}
