import { reasonOf } from '../../core/reason.ts';
import type { Summary } from '../../report/summary.ts';
import type { Database } from '../database/database.ts';
import { type History, type PastRun, pastRun } from './contract.ts';
import { endedRuns } from './files.ts';

const CARRY_MS = 5000;

/**
 * A history that controllers share. Every run is on its controller's disk first and is carried into the database from there, again
 * and again until it is in: while the database is away nothing is lost, and what this controller has itself is still told.
 */
export function databaseHistory(
  database: Database,
  local: History,
  runs: string,
  controller: string,
): History {
  const carried = new Set<string>();
  let timer: NodeJS.Timeout | undefined;
  let closed = false;
  let left: readonly string[] = [];

  /** The same run again changes nothing. */
  const add = async (id: string, summary: Summary) => {
    const row = pastRun(id, controller, summary);
    await database.query(
      `insert into faultline_runs (id, experiment, controller, started_at, row, summary) values ($1, $2, $3, $4, $5, $6)
       on conflict (id) do nothing`,
      [id, row.experiment, controller, row.startedAt, row, summary],
    );
    carried.add(id);
  };
  const carry = async () => {
    const refused: string[] = [];
    for (const { id, summary } of endedRuns(runs, carried)) {
      try {
        await add(id, summary());
      } catch (error) {
        refused.push(`${id} (${reasonOf(error)})`);
        // One run that cannot be read or stored keeps no other out; a database that is away keeps all out.
        if (database.degraded !== undefined) break;
      }
    }
    left = refused;
    if (!closed) timer = setTimeout(carry, CARRY_MS);
  };
  void carry();

  return {
    async list(query) {
      try {
        return await listed(database, query);
      } catch {
        return local.list(query);
      }
    },
    async summary(id) {
      const own = await local.summary(id);
      if (own) return own;
      const [row] = await database.query<{ summary: Summary }>(
        'select summary from faultline_runs where id = $1',
        [id],
      );
      return row?.summary;
    },
    get degraded() {
      if (database.degraded) return `${database.degraded}; the history is this controller's own until then`;
      const missing = left.length > 0 ? `runs that are not in the database: ${left.join(', ')}` : undefined;
      const said = [missing, local.degraded].filter((one) => one !== undefined);
      return said.length > 0 ? said.join('; ') : undefined;
    },
    async close() {
      closed = true;
      clearTimeout(timer);
    },
  };
}

async function listed(
  database: Database,
  { experiment, before, limit }: Parameters<History['list']>[0],
): Promise<readonly PastRun[]> {
  const rows = await database.query<{ row: PastRun }>(
    `select row from faultline_runs
     where ($1::text is null or experiment = $1) and ($2::text is null or id < $2) order by id desc limit $3`,
    [experiment ?? null, before ?? null, limit],
  );
  return rows.map(({ row }) => row);
}
