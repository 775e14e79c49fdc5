import pg from 'pg';
import type { Config } from '../config.ts';
import type { Metrics } from '../metrics.ts';
import type { Database } from '../parts.ts';

/** One pool for everything: reads, writes and workers. */
export class FixedPool implements Database {
  readonly pool: pg.Pool;
  readonly #writers: Turns;

  constructor(config: Config, metrics: Metrics, limits: pg.PoolConfig = {}) {
    this.pool = new pg.Pool({ connectionString: config.databaseUrl, max: config.poolSize, ...limits });
    this.pool.on('error', (error) => console.error('database connection:', error.message));
    this.pool.on('connect', (client) => client.on('error', () => {}));
    this.#writers = new Turns(config.writers);
    metrics.watch('db_pool_size', 'Connections the pool may open', () => config.poolSize);
    metrics.watch('db_pool_in_use', 'Connections lent out', () => this.pool.totalCount - this.pool.idleCount);
    metrics.watch('db_pool_waiting', 'Callers that wait for a connection', () => this.pool.waitingCount);
    metrics.watch('db_pool_overflow', 'Connections lent beyond the size of the pool', () => 0);
    metrics.watch('db_pool_leaked', 'Connections that nobody gives back any more', () => 0);
    metrics.watch('db_writers', 'Writers at work', () => this.#writers.taken);
    metrics.watch('db_writers_waiting', 'Writers that wait for their turn', () => this.#writers.waiting);
  }

  async read<Row extends pg.QueryResultRow>(sql: string, values: unknown[] = []): Promise<Row[]> {
    return (await this.pool.query<Row>(sql, values)).rows;
  }

  /** Postgres got slow with many writers at once, so they take turns. */
  async write<T>(work: (client: pg.PoolClient) => Promise<T>): Promise<T> {
    const client = await this.pool.connect();
    await this.#writers.take();
    try {
      return await work(client);
    } finally {
      this.#writers.give();
      client.release();
    }
  }
}

class Turns {
  taken = 0;
  readonly #size: number;
  readonly #queue: (() => void)[] = [];

  constructor(size: number) {
    this.#size = size;
  }

  get waiting(): number {
    return this.#queue.length;
  }

  async take(): Promise<void> {
    if (this.taken < this.#size) {
      this.taken++;
      return;
    }
    await new Promise<void>((resolve) => this.#queue.push(resolve));
  }

  give(): void {
    const next = this.#queue.shift();
    if (next) next();
    else this.taken--;
  }
}
