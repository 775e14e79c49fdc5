import { LRUCache } from 'lru-cache';
import { FaultlineError } from '../../core/errors.ts';

/** Wrong tokens that one address may send within a minute before it is not listened to for the rest of it. */
const MOST = 10;
const WINDOW_MS = 60_000;
const ADDRESSES = 10_000;

/** Slows down whoever guesses: without it a token could be tried some thousand times a second. */
export class FailedLogins {
  readonly #failures: LRUCache<string, { count: number; readonly until: number }>;
  readonly #now: () => number;

  constructor(now: () => number = () => performance.now()) {
    this.#now = now;
    this.#failures = new LRUCache({ max: ADDRESSES });
  }

  /** @throws FaultlineError TOO_MANY_FAILURES */
  check(address: string): void {
    const known = this.#failures.get(address);
    if (!known || known.count < MOST) return;
    const leftMs = known.until - this.#now();
    if (leftMs > 0) throw new FaultlineError('TOO_MANY_FAILURES', { seconds: Math.ceil(leftMs / 1000) });
    this.#failures.delete(address);
  }

  failed(address: string): void {
    const known = this.#failures.get(address);
    if (known && known.until > this.#now()) known.count++;
    else this.#failures.set(address, { count: 1, until: this.#now() + WINDOW_MS });
  }

  succeeded(address: string): void {
    this.#failures.delete(address);
  }
}
