import type { Redis } from 'ioredis';
import type { Config } from '../config.ts';
import type { Metrics } from '../metrics.ts';
import { countsOf, loadOverview } from '../overview.ts';
import type { Database, Workspaces } from '../parts.ts';

/** Workspaces as their users see them: the slow part from the cache, the counts always fresh. */
export class CachedWorkspaces implements Workspaces {
  readonly #database: Database;
  readonly #redis: Redis;
  readonly #seconds: number;
  readonly #metrics: Metrics;
  /** How many loads of a workspace are under way. */
  readonly #loading = new Map<number, number>();

  constructor(config: Config, database: Database, redis: Redis, metrics: Metrics) {
    this.#database = database;
    this.#redis = redis;
    this.#seconds = config.cacheSeconds;
    this.#metrics = metrics;
  }

  async find(id: number) {
    const overview = await this.#overview(id);
    if (!overview) return undefined;
    return { ...overview, tasks: await countsOf(this.#database, id) };
  }

  async #overview(id: number): Promise<object | undefined> {
    const key = `workspace:${id}`;
    const cached = await this.#redis.get(key);
    if (cached) {
      this.#metrics.cacheHits.inc();
      return JSON.parse(cached);
    }
    this.#metrics.cacheMisses.inc();
    const overview = await this.#load(id);
    if (!overview) return undefined;
    await this.#redis.set(key, JSON.stringify(overview), 'EX', this.#seconds);
    return overview;
  }

  async #load(id: number): Promise<object | undefined> {
    this.#metrics.cacheReloads.inc();
    const under = this.#loading.get(id) ?? 0;
    if (under > 0) this.#metrics.cacheStampede.inc();
    this.#loading.set(id, under + 1);
    try {
      return await loadOverview(this.#database, id);
    } finally {
      const left = this.#loading.get(id)! - 1;
      if (left === 0) this.#loading.delete(id);
      else this.#loading.set(id, left);
    }
  }
}
