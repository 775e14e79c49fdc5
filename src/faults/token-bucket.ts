import type { Clock } from '../core/clock.ts';
import type { Allowance } from '../protocols/http/providers/contract.ts';

const MINUTE = 60_000;

/** How a bucket stands: what a minute brings, and what it holds at most. */
export interface BucketSize {
  readonly perMinute: number;
  readonly most: number;
}

/** A token bucket: filled evenly, emptied by what is taken. It begins full, and may owe. */
export class TokenBucket {
  readonly #clock: Clock;
  #level = Number.POSITIVE_INFINITY;
  #at: number;

  constructor(clock: Clock) {
    this.#clock = clock;
    this.#at = clock.now();
  }

  /** How long until so much is there, ms; of more than the bucket ever holds, until it is full. */
  wait(amount: number, size: BucketSize): number {
    this.#fill(size);
    const missing = Math.min(amount, size.most) - this.#level;
    // What is missing by less than any count shows is a rounding error of the filling.
    return missing <= 1e-9 ? 0 : (missing / size.perMinute) * MINUTE;
  }

  /** Takes so much, whether it is there or not; a negative amount is given back. */
  take(amount: number, size: BucketSize): void {
    this.#fill(size);
    this.#level = Math.min(size.most, this.#level - amount);
  }

  allowance(size: BucketSize): Allowance {
    this.#fill(size);
    return {
      limit: size.perMinute,
      remaining: Math.max(0, Math.floor(this.#level + 1e-9)),
      resetMs: ((size.most - this.#level) / size.perMinute) * MINUTE,
    };
  }

  #fill({ perMinute, most }: BucketSize): void {
    const now = this.#clock.now();
    this.#level = Math.min(most, this.#level + ((now - this.#at) / MINUTE) * perMinute);
    this.#at = now;
  }
}
