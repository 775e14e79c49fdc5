import type pg from 'pg';
import type { Database } from './database.ts';

/** Any number that no other program of this database takes. */
const LEADER_LOCK = 7_420_119;
const TRY_MS = 2000;
const ASK_MS = 2000;

/** Which of several controllers plays the schedules. */
export interface Leadership {
  readonly leads: boolean;
  close(): Promise<void>;
}

/** A controller that shares nothing leads. */
export const ALONE: Leadership = { leads: true, close: async () => {} };

/**
 * Takes the lead when nobody has it. The lock belongs to a session: it is free at once when the leader's process or its
 * connection ends, and a leader that can no longer ask its session whether it lives does not lead.
 */
export function contend(database: Pick<Database, 'session'>, onChange: (leads: boolean) => void): Leadership {
  let session: pg.Client | undefined;
  let leads = false;
  let closed = false;
  let timer: NodeJS.Timeout | undefined;

  const become = (next: boolean) => {
    if (next === leads) return;
    leads = next;
    onChange(next);
  };
  const lose = async () => {
    become(false);
    const lost = session;
    session = undefined;
    await lost?.end().catch(() => {});
  };
  const look = async () => {
    try {
      session ??= await open();
      if (leads) await within(session.query('select 1'));
      else {
        const { rows } = await within(
          session.query<{ won: boolean }>('select pg_try_advisory_lock($1) as won', [LEADER_LOCK]),
        );
        become(rows[0]!.won);
      }
    } catch {
      await lose();
    }
    if (!closed) timer = setTimeout(look, TRY_MS);
  };
  const open = async () => {
    const client = await database.session();
    client.once('end', () => {
      if (client === session) void lose();
    });
    return client;
  };
  void look();
  return {
    get leads() {
      return leads;
    },
    async close() {
      closed = true;
      clearTimeout(timer);
      await lose();
    },
  };
}

function within<T>(answer: Promise<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error('no answer')), ASK_MS);
    answer.then(resolve, reject).finally(() => clearTimeout(timer));
  });
}
