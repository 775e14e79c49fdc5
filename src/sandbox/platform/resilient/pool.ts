import type pg from 'pg';
import type { Urgency } from '../parts.ts';
import { Places, type PlacesLimits } from './places.ts';

export interface PoolLimits extends PlacesLimits {
  /** Connections that stay open when nothing happens. */
  readonly floor: number;
}

export const POOL_LIMITS: PoolLimits = {
  floor: 10,
  max: 200,
  overflow: 50,
  queueFrom: 0.8,
  queueTimeout: 30_000,
  overflowTimeout: 5000,
};

/** Share of the server's connections that one client of it may take. */
const FAIR_SHARE = 0.8;

/** The same limits, scaled down where the server does not allow so many connections. */
export function fitPool(limits: PoolLimits, serverAllows: number): PoolLimits {
  const scale = Math.min(1, (serverAllows * FAIR_SHARE) / (limits.max + limits.overflow));
  const max = Math.max(1, Math.floor(limits.max * scale));
  return {
    ...limits,
    max,
    overflow: Math.floor(limits.overflow * scale),
    floor: Math.min(limits.floor, max),
  };
}

/** Lends connections of a `pg.Pool` within limits, and says how many are lent. */
export class DynamicPool {
  readonly #pool: pg.Pool;
  readonly #limits: PoolLimits;
  readonly #places: Places;

  /** The pool's own maximum must leave room for `max + overflow`. */
  constructor(pool: pg.Pool, limits: PoolLimits) {
    this.#pool = pool;
    this.#limits = limits;
    this.#places = new Places(limits);
    pool.options.max = limits.max + limits.overflow;
    pool.options.min = limits.floor;
  }

  get size(): number {
    return this.#limits.max;
  }

  get inUse(): number {
    return this.#places.taken;
  }

  get waiting(): number {
    return this.#places.waiting;
  }

  get overflow(): number {
    return this.#places.overflow;
  }

  /**
   * A connection; its `release` gives the place back too.
   * @throws PlacesTimeout when none became free in time
   */
  async connect(urgency: Urgency = 'high'): Promise<pg.PoolClient> {
    await this.#places.take(urgency);
    try {
      const client = await this.#pool.connect();
      const release = client.release;
      client.release = (broken?: Error | boolean) => {
        // Connections of the overflow are closed when the rush is over.
        const spare = this.#places.overflow > 0;
        release(broken || spare);
        this.#places.give();
      };
      return client;
    } catch (error) {
      this.#places.give();
      throw error;
    }
  }

  /** Opens connections ahead of need, `floor` in all, and keeps them open. */
  async raiseFloor(floor: number): Promise<void> {
    this.#pool.options.min = Math.min(floor, this.#limits.max);
    const missing = this.#pool.options.min - this.#pool.totalCount;
    const opened = await Promise.allSettled(
      Array.from({ length: Math.max(0, missing) }, () => this.#pool.connect()),
    );
    for (const one of opened) if (one.status === 'fulfilled') one.value.release();
  }

  /** Lets connections above the usual floor close when they are idle. */
  lowerFloor(): void {
    this.#pool.options.min = this.#limits.floor;
  }
}
