import pg from 'pg';
import { reasonOf } from '../../../core/reason.ts';
import { databaseUrl } from '../../../server/database/url.ts';
import { type Check, type Finding, ok, warning } from '../contract.ts';

const PATIENCE_MS = 3000;

export const database: Check = {
  name: 'database',
  async look({ environment, cwd }) {
    try {
      const url = databaseUrl(environment, cwd);
      return url === undefined ? [] : [await ask(url)];
    } catch (error) {
      return [warning(reasonOf(error), '"faultline serve" does not start before that is mended.')];
    }
  },
};

/** Says neither address nor user, which stand in the URL beside the password. */
async function ask(url: string): Promise<Finding> {
  let client: pg.Client | undefined;
  try {
    client = new pg.Client({
      connectionString: url,
      connectionTimeoutMillis: PATIENCE_MS,
      query_timeout: PATIENCE_MS,
    });
    client.on('error', () => {});
    await client.connect();
    await client.query('select 1');
    return ok('the Postgres of FAULTLINE_DATABASE_URL answers');
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    return warning(
      `the Postgres of FAULTLINE_DATABASE_URL does not answer (${code ?? 'its URL cannot be used, or it is too slow'})`,
      'Start it or correct the URL; until then "faultline serve" keeps history in files and plays no schedules.',
    );
  } finally {
    await client?.end().catch(() => {});
  }
}
