import { z } from 'zod';
import { count } from '../../faults/attributes.ts';
import type { AdminFault } from '../admin/index.ts';
import { PostgresRefusal, type PostgresServer, type Session } from './server.ts';

const attributes = z.strictObject({
  connections: count('How many connections to hold', 10, 1),
});
type HoldAttributes = z.output<typeof attributes>;

/** SQLSTATEs of a server, a database or a role that has no place left. */
const FULL = new Set(['53300', '53000']);
const AT_ONCE = 8;
/** The server ends an idle session this long after the lease, should nobody renew it. */
const GRACE_MS = 1000;

/** Takes connection slots, so that others find the server full. */
export const hold: AdminFault<HoldAttributes, PostgresServer> = {
  type: 'pg_hold_connections',
  attributes,
  summary: 'Holds connections, so that others find none free',
  undo: 'the connections are closed; the server closes them itself when the lease is not renewed',
  endsConnections: false,
  shares: false,
  unit: 'connections',
  addedLatency: () => 0,
  explain: ({ connections }) =>
    `hold ${connections} ${connections === 1 ? 'connection' : 'connections'}, as far as the server has any free beside those it reserves`,
  whyNot: async () => undefined,
  async engage(context) {
    const { server, signal } = context;
    let held: Session[] = [];
    let asked = 0;

    const grow = async (wanted: number, leaseMs: number) => {
      const room = await roomOf(server);
      const places = Math.max(0, Math.min(wanted - held.length, room.free));
      let full = false;
      for (let done = 0; done < places && !full && !signal.aborted; done += AT_ONCE) {
        const batch = Array.from({ length: Math.min(AT_ONCE, places - done) }, () =>
          openIdle(server, room, leaseMs),
        );
        for (const outcome of await Promise.allSettled(batch)) {
          if (outcome.status === 'fulfilled') held.push(outcome.value);
          else if (outcome.reason instanceof PostgresRefusal && FULL.has(outcome.reason.state)) full = true;
          else throw outcome.reason;
        }
      }
    };
    const adjust = async (wanted: number, leaseMs: number) => {
      held = held.filter(({ alive }) => alive);
      const before = held.length;
      if (wanted < before) await Promise.all(held.splice(wanted).map((session) => session.end()));
      else if (wanted > before && wanted > asked) await grow(wanted, leaseMs);
      context.injected(Math.max(0, held.length - before));
      context.matched(Math.max(0, wanted - asked));
      context.skipped('no connection free', Math.max(0, wanted - asked) - Math.max(0, held.length - before));
      asked = Math.max(asked, wanted);
    };

    const release = async () => {
      await Promise.all(held.splice(0).map((session) => session.end()));
    };
    try {
      await adjust(context.attributes.connections, context.leaseMs);
    } catch (error) {
      await release();
      throw error;
    }
    return {
      async renew({ attributes, leaseMs }) {
        // Each answer starts the server's own countdown anew.
        await Promise.all(held.filter(({ alive }) => alive).map((session) => session.run('select 1')));
        await adjust(attributes.connections, leaseMs);
      },
      release,
      get alive() {
        return held.length === 0 || held.some(({ alive }) => alive);
      },
    };
  },
};

/** A session that the server itself ends when it hears nothing. */
async function openIdle(server: PostgresServer, { version }: Room, leaseMs: number): Promise<Session> {
  const session = await server.session();
  const ms = Math.round(leaseMs + GRACE_MS);
  try {
    // A session outside a transaction can only be given a limit since version 14.
    if (version >= 140_000) await session.run(`set idle_session_timeout = ${ms}`);
    else await session.run(`set idle_in_transaction_session_timeout = ${ms}; begin`);
    return session;
  } catch (error) {
    await session.end();
    throw error;
  }
}

interface Room {
  /** Slots that are free beside those that the server keeps for its administrators, who must stay able to come in. */
  readonly free: number;
  readonly version: number;
}

async function roomOf(server: PostgresServer): Promise<Room> {
  const [room] = await server.rows<{ free: number; version: number }>(`select (
    current_setting('max_connections')::int - current_setting('superuser_reserved_connections')::int
    - coalesce(current_setting('reserved_connections', true)::int, 0)
    - (select count(*) from pg_stat_activity where backend_type = 'client backend'))::int as free,
    current_setting('server_version_num')::int as version`);
  return room ?? { free: 0, version: 0 };
}
