import type { Redis } from 'ioredis';
import type { Config } from '../config.ts';
import { ServiceRegistry } from '../fragile/registry.ts';
import type { Metrics } from '../metrics.ts';
import type { Database } from '../parts.ts';
import { DiscoveryCache } from './discovery-cache.ts';
import type { LoadShedder } from './shedding.ts';

/** How long the registry may take to answer, in ms. */
const PATIENCE = 500;

/** Finds services at their last known address when the registry fails. */
export class CachedRegistry extends ServiceRegistry {
  readonly #cache: DiscoveryCache;
  #spared = false;

  constructor(config: Config, redis: Redis, database: Database, metrics: Metrics) {
    super(config, redis, database, metrics);
    this.#cache = new DiscoveryCache((service) => redis.get(`service:${service}`), PATIENCE);
    metrics.watch(
      'discovery_fallbacks',
      'Services found at their last known address',
      () => this.#cache.fallbacks,
    );
  }

  /** @throws ServiceUnknown when neither the registry nor the cache knows it */
  override async discover(service: string): Promise<string> {
    return (await this.#cache.discover(service, this.#spared)).address;
  }

  /** Under pressure the registry is not asked at all. */
  shedBy(shedder: LoadShedder): void {
    shedder.watch({
      kind: 'discovery',
      tier: 'other',
      completion: 0,
      share: 0,
      shed: () => {
        this.#spared = true;
      },
      resume: () => {
        this.#spared = false;
      },
    });
  }
}
