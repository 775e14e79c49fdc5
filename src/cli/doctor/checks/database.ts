import pg from 'pg';
import { reasonOf } from '../../../core/reason.ts';
import { formatDuration } from '../../../core/units.ts';
import { databaseUrl } from '../../../server/database/url.ts';
import { type Check, type Finding, ok, warning } from '../contract.ts';

const PATIENCE_MS = 3000;
/** Clocks that an ordinary time service keeps are nearer than this. */
const MOST_SKEW_MS = 2000;

export const database: Check = {
  name: 'database',
  async look({ environment, cwd }) {
    try {
      const url = databaseUrl(environment, cwd);
      return url === undefined ? [] : await ask(url);
    } catch (error) {
      return [warning(reasonOf(error), '"faultline serve" does not start before that is mended.')];
    }
  },
};

/** Says neither address nor user, which stand in the URL beside the password. */
async function ask(url: string): Promise<readonly Finding[]> {
  let client: pg.Client | undefined;
  try {
    client = new pg.Client({
      connectionString: url,
      connectionTimeoutMillis: PATIENCE_MS,
      query_timeout: PATIENCE_MS,
    });
    client.on('error', () => {});
    await client.connect();
    const before = Date.now();
    const { rows } = await client.query('select extract(epoch from clock_timestamp()) * 1000 as now');
    return [
      ok('the Postgres of FAULTLINE_DATABASE_URL answers'),
      ...judgeSkew(Number(rows[0].now), before, Date.now()),
    ];
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    return [
      warning(
        `the Postgres of FAULTLINE_DATABASE_URL does not answer (${code ?? 'its URL cannot be used, or it is too slow'})`,
        'Start it or correct the URL; until then "faultline serve" keeps history in files and plays no schedules.',
      ),
    ];
  } finally {
    await client?.end().catch(() => {});
  }
}

/** What a clock says that was asked between two looks at our own; all ms since 1970. */
export function judgeSkew(theirs: number, before: number, after: number): readonly Finding[] {
  const skew = theirs < before ? before - theirs : Math.max(0, theirs - after);
  if (skew <= MOST_SKEW_MS) return [];
  const way = theirs < before ? 'behind' : 'ahead of';
  return [
    warning(
      `the clock of Postgres is ${formatDuration(Math.round(skew))} ${way} this machine's`,
      'Mend the clocks: controllers that share it play schedules each by its own.',
    ),
  ];
}
