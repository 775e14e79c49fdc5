import pg from 'pg';
import type { Config } from '../config.ts';
import type { Metrics } from '../metrics.ts';
import type { Database, Urgency } from '../parts.ts';
import { DynamicPool, fitPool, POOL_LIMITS } from './pool.ts';

/** Borrows from a pool that grows with what is asked of it. */
export class PooledDatabase implements Database {
  readonly pool: pg.Pool;
  readonly #connections: DynamicPool;
  readonly #releases: boolean;
  #leaked = 0;

  /** Asks the server how many connections it allows. */
  static async open(
    config: Config,
    metrics: Metrics,
    limits: pg.PoolConfig,
    releases: boolean,
  ): Promise<PooledDatabase> {
    const pool = new pg.Pool({ connectionString: config.databaseUrl, ...limits });
    pool.on('error', (error) => console.error('database connection:', error.message));
    pool.on('connect', (client) => client.on('error', () => {}));
    const { rows } = await pool.query<{ max: string }>(`select current_setting('max_connections') as max`);
    const wanted = { max: config.poolMax, overflow: config.poolOverflow, floor: config.poolFloor };
    const connections = new DynamicPool(pool, fitPool({ ...POOL_LIMITS, ...wanted }, Number(rows[0]!.max)));
    return new PooledDatabase(pool, connections, metrics, releases);
  }

  /** @param releases whether a connection also goes back when a write on it failed */
  private constructor(pool: pg.Pool, connections: DynamicPool, metrics: Metrics, releases: boolean) {
    this.pool = pool;
    this.#connections = connections;
    this.#releases = releases;
    metrics.watch('db_pool_size', 'Connections the pool may open', () => connections.size);
    metrics.watch('db_pool_in_use', 'Connections lent out', () => connections.inUse);
    metrics.watch('db_pool_waiting', 'Callers that wait for a connection', () => connections.waiting);
    metrics.watch(
      'db_pool_overflow',
      'Connections lent beyond the size of the pool',
      () => connections.overflow,
    );
    metrics.watch('db_pool_leaked', 'Connections that nobody gives back any more', () => this.#leaked);
  }

  /** Share of the pool that is lent, above 1 with overflow. */
  get usage(): number {
    return this.#connections.inUse / this.#connections.size;
  }

  get connections(): DynamicPool {
    return this.#connections;
  }

  async read<Row extends pg.QueryResultRow>(
    sql: string,
    values: unknown[] = [],
    urgency: Urgency = 'high',
  ): Promise<Row[]> {
    const client = await this.#connections.connect(urgency);
    try {
      const { rows } = await client.query<Row>(sql, values);
      client.release();
      return rows;
    } catch (error) {
      client.release(isBroken(error));
      throw error;
    }
  }

  async write<T>(work: (client: pg.PoolClient) => Promise<T>, urgency: Urgency = 'high'): Promise<T> {
    const client = await this.#connections.connect(urgency);
    try {
      const result = await work(client);
      client.release();
      return result;
    } catch (error) {
      if (this.#releases) client.release(isBroken(error));
      else this.#leaked++;
      throw error;
    }
  }
}

/** What the server itself refused leaves the connection usable; after anything else nobody knows what is still under way. */
function isBroken(error: unknown): boolean {
  return !(error instanceof pg.DatabaseError) || error.severity !== 'ERROR';
}
