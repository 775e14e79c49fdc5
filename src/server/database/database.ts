import pg from 'pg';
import { FaultlineError } from '../../core/errors.ts';
import { discreetReasonOf } from '../../core/reason.ts';
import { migrate } from './migrations.ts';

const CONNECT_MS = 3000;
const STATEMENT_MS = 10_000;

/** The Postgres that several controllers share; away at times, and back again without a restart. */
export class Database {
  readonly #pool: pg.Pool;
  readonly #url: string;
  #migrated: Promise<void> | undefined;
  #awaySince: string | undefined;
  #reason = '';

  constructor(url: string) {
    this.#url = url;
    this.#pool = new pg.Pool({
      connectionString: url,
      max: 4,
      connectionTimeoutMillis: CONNECT_MS,
      statement_timeout: STATEMENT_MS,
    });
    this.#pool.on('error', () => {});
  }

  /** Since when it has not answered, and why, in a sentence; undefined when its last answer was one. Names no address and no user. */
  get degraded(): string | undefined {
    return this.#awaySince && `the database does not answer since ${this.#awaySince}: ${this.#reason}`;
  }

  /** @throws FaultlineError DATABASE_AWAY, which names no address, no user and nothing of a statement */
  async query<Row extends pg.QueryResultRow>(
    sql: string,
    values: readonly unknown[] = [],
  ): Promise<readonly Row[]> {
    try {
      await this.#ready();
      const { rows } = await this.#pool.query<Row>(sql, [...values]);
      this.#awaySince = undefined;
      return rows;
    } catch (error) {
      const reason = discreetReasonOf(error);
      if (refusesOnlyThis(reason)) this.#awaySince = undefined;
      else {
        this.#awaySince ??= new Date().toISOString();
        this.#reason = reason;
      }
      throw new FaultlineError('DATABASE_AWAY', { reason });
    }
  }

  /** A connection of its own, for a lock that lives as long as it. */
  async session(): Promise<pg.Client> {
    const client = new pg.Client({
      connectionString: this.#url,
      connectionTimeoutMillis: CONNECT_MS,
      keepAlive: true,
    });
    client.on('error', () => {});
    await client.connect();
    return client;
  }

  async close(): Promise<void> {
    await this.#pool.end();
  }

  #ready(): Promise<void> {
    this.#migrated ??= this.#migrate().catch((error) => {
      this.#migrated = undefined;
      throw error;
    });
    return this.#migrated;
  }

  async #migrate(): Promise<void> {
    const client = await this.#pool.connect();
    try {
      await migrate(client);
    } finally {
      client.release();
    }
  }
}

/** SQLSTATEs that say nothing of the next statement: what this one held cannot be stored, or is there already. */
function refusesOnlyThis(code: string): boolean {
  return /^(22|23|54)[0-9A-Z]{3}$/.test(code);
}
