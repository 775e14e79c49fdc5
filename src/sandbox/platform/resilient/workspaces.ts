import type { Redis } from 'ioredis';
import { LRUCache } from 'lru-cache';
import type { Config } from '../config.ts';
import type { Metrics } from '../metrics.ts';
import { countsOf, loadOverview } from '../overview.ts';
import type { Database, Workspaces } from '../parts.ts';
import { SingleFlight } from './single-flight.ts';

const STALE_FOR = 10;
const JITTER = 0.1;
/** Workspaces that are loaded ahead of a rush: those asked for last. */
const WARMED = 100;

/** Workspaces from a cache that is never stampeded. */
export class SharedWorkspaces implements Workspaces {
  readonly #database: Database;
  readonly #cache: SingleFlight;
  readonly #asked = new LRUCache<number, true>({ max: WARMED });

  constructor(config: Config, database: Database, redis: Redis, metrics: Metrics) {
    this.#database = database;
    const stale = metrics.counter('cache_stale_total', 'Workspace reads served from a value past its life');
    this.#cache = new SingleFlight({
      store: {
        get: (key) => redis.get(key),
        set: (key, value, seconds) => redis.set(key, value, 'EX', seconds),
      },
      seconds: config.cacheSeconds,
      staleFor: STALE_FOR,
      jitter: JITTER,
      onHit: (kind) => {
        metrics.cacheHits.inc();
        if (kind === 'stale') stale.inc();
      },
      onMiss: () => metrics.cacheMisses.inc(),
      onLoad: () => metrics.cacheReloads.inc(),
    });
  }

  async find(id: number) {
    // Counted at once: those who wait for one load would all count at the moment at which it ends.
    const [overview, tasks] = await Promise.all([
      this.#cache.get(keyOf(id), () => loadOverview(this.#database, id)),
      countsOf(this.#database, id),
    ]);
    if (!overview) return undefined;
    this.#asked.set(id, true);
    return { ...overview, tasks };
  }

  /** Loads what was asked for last, one after the other, so that the rush finds it fresh. */
  async warm(): Promise<void> {
    for (const id of [...this.#asked.keys()])
      await this.#cache.refresh(keyOf(id), () => loadOverview(this.#database, id));
  }
}

/** Not the key of a cache that keeps plain values. */
function keyOf(id: number): string {
  return `workspace:${id}:shared`;
}
