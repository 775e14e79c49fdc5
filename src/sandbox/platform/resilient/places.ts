import type { Urgency } from '../parts.ts';

export interface PlacesLimits {
  readonly max: number;
  /** Places beyond `max`, for high urgency only. */
  readonly overflow: number;
  /** Share of `max` from which low urgency queues. */
  readonly queueFrom: number;
  /** How long low urgency queues, in ms. */
  readonly queueTimeout: number;
  /** How long high urgency waits once the overflow is full too, in ms. */
  readonly overflowTimeout: number;
}

export class PlacesTimeout extends Error {
  readonly statusCode = 503;

  constructor(waited: number) {
    super(`no database connection became free within ${waited} ms`);
    this.name = 'PlacesTimeout';
  }
}

interface Waiter {
  readonly enter: () => void;
}

/**
 * Who may hold one of a limited number of places. Up to `queueFrom` of them everyone enters at once; from there on low
 * urgency queues, so that the rest is left to those whom users wait for; beyond `max` these enter the overflow.
 */
export class Places {
  readonly #limits: PlacesLimits;
  readonly #queues: Readonly<Record<Urgency, Set<Waiter>>> = { high: new Set(), low: new Set() };
  #taken = 0;

  constructor(limits: PlacesLimits) {
    this.#limits = limits;
  }

  get taken(): number {
    return this.#taken;
  }

  get waiting(): number {
    return this.#queues.high.size + this.#queues.low.size;
  }

  get overflow(): number {
    return Math.max(0, this.#taken - this.#limits.max);
  }

  /** @throws PlacesTimeout when none became free in time */
  async take(urgency: Urgency): Promise<void> {
    if (this.#queues[urgency].size === 0 && this.#taken < this.#ceiling(urgency)) {
      this.#taken++;
      return;
    }
    const { overflowTimeout, queueTimeout } = this.#limits;
    await this.#wait(this.#queues[urgency], urgency === 'high' ? overflowTimeout : queueTimeout);
  }

  give(): void {
    this.#taken--;
    for (const urgency of ['high', 'low'] as const) {
      for (const waiter of this.#queues[urgency]) {
        if (this.#taken >= this.#ceiling(urgency)) break;
        this.#queues[urgency].delete(waiter);
        this.#taken++;
        waiter.enter();
      }
    }
  }

  #ceiling(urgency: Urgency): number {
    const { max, overflow, queueFrom } = this.#limits;
    return urgency === 'high' ? max + overflow : Math.max(1, Math.floor(max * queueFrom));
  }

  #wait(queue: Set<Waiter>, timeout: number): Promise<void> {
    return new Promise((resolve, reject) => {
      const waiter = {
        enter: () => {
          clearTimeout(timer);
          resolve();
        },
      };
      const timer = setTimeout(() => {
        queue.delete(waiter);
        reject(new PlacesTimeout(timeout));
      }, timeout);
      queue.add(waiter);
    });
  }
}
