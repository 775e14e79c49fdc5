import { z } from 'zod';
import { formatDuration } from '../../core/units.ts';
import { milliseconds, text } from '../../faults/attributes.ts';
import { type AdminFault, CannotEngage } from '../admin/index.ts';
import { PostgresRefusal, type PostgresServer } from './server.ts';

const attributes = z.strictObject({
  table: text('Table to lock, with its schema where it is not on the search path').refine(
    (name) => name !== '',
    {
      message: 'say which table',
    },
  ),
  hold: milliseconds('How long to hold the lock; 0 is until taken back'),
  wait: milliseconds(
    'How long to wait for the lock, at most the lease; whoever comes later waits behind it',
    3000,
  ).refine((ms) => ms >= 1, {
    message: 'wait at least 1 ms',
  }),
});
type LockAttributes = z.output<typeof attributes>;

const NOT_FREE = '55P03';
/** The server ends the transaction this long after the lease, should nobody renew it. */
const GRACE_MS = 1000;

/** `LOCK TABLE … IN ACCESS EXCLUSIVE MODE`, as a migration takes it: not even reading is possible. */
export const lock: AdminFault<LockAttributes, PostgresServer> = {
  type: 'pg_lock_table',
  attributes,
  summary: 'Locks a table, so that every statement on it waits',
  undo: 'the lock is given up and waiting statements go on; the server gives it up itself when the lease is not renewed',
  endsConnections: false,
  shares: false,
  unit: 'tables',
  addedLatency: ({ hold }) => (hold > 0 ? hold : Number.POSITIVE_INFINITY),
  explain: ({ table, hold, wait }) =>
    `lock table ${table}, so that every statement on it waits${hold > 0 ? ` for ${formatDuration(hold)}` : ''}, as those do that come while the lock is asked for (${formatDuration(wait)} at most)`,
  async whyNot({ table }, server) {
    const [row] = await server.rows<{ name: string | null }>('select to_regclass($1)::text as name', [table]);
    if (!row?.name) return `there is no table "${table}"`;
    const [may] = await server.rows<{ may: boolean }>(
      "select has_table_privilege($1, 'update, delete, truncate') as may",
      [table],
    );
    return may?.may
      ? undefined
      : `its user may not lock table "${table}": it needs UPDATE, DELETE or TRUNCATE on it`;
  },
  async engage(context) {
    const { server, clock, signal, attributes } = context;
    const session = await server.session();
    // Nor may it wait longer than the lease: whoever comes later waits behind it.
    const wait = Math.min(attributes.wait, context.leaseMs);
    // A backend that waits for a lock does not notice that its client has gone: it must be told by another.
    const abandon = () => void server.rows('select pg_terminate_backend($1)', [session.pid]).catch(() => {});
    signal.addEventListener('abort', abandon, { once: true });
    let cancel = () => {};
    let over = false;
    const release = async () => {
      cancel();
      over = true;
      await session.end();
    };
    try {
      // Quoted by the server itself.
      const [row] = await server.rows<{ name: string }>('select to_regclass($1)::text as name', [
        attributes.table,
      ]);
      await session.run(`set statement_timeout = 0; set lock_timeout = ${Math.ceil(wait)};
        set idle_in_transaction_session_timeout = ${Math.round(context.leaseMs + GRACE_MS)}; begin`);
      await session.run(`lock table ${row?.name} in access exclusive mode`);
    } catch (error) {
      await release();
      if (error instanceof PostgresRefusal && error.state === NOT_FREE)
        throw new CannotEngage(`table "${attributes.table}" was not free within ${formatDuration(wait)}`);
      throw error;
    } finally {
      signal.removeEventListener('abort', abandon);
    }
    context.matched(1);
    context.injected(1);
    if (attributes.hold > 0) cancel = clock.after(attributes.hold, () => void release());
    return {
      async renew() {
        // An answer starts the server's own countdown anew.
        if (!over) await session.run('select 1');
      },
      release,
      get alive() {
        return over || session.alive;
      },
    };
  },
};
