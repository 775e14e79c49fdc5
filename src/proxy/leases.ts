import type { Clock } from '../core/clock.ts';
import { FaultlineError } from '../core/errors.ts';
import { parseDuration } from '../core/units.ts';

export interface Lease {
  readonly run: string;
  readonly epoch: number;
  readonly expiresAt: number;
}

const SHORTEST_MS = 1000;
const LONGEST_MS = 300_000;

/**
 * Reads how long a fault set may live without a renewal.
 * @throws FaultlineError BAD_DURATION, or BAD_VALUE outside 1 s to 5 min
 */
export function readLease(lease: string | number): number {
  const ms = parseDuration(lease);
  if (ms >= SHORTEST_MS && ms <= LONGEST_MS) return ms;
  throw new FaultlineError('BAD_VALUE', { value: lease, where: 'lease', expected: 'from 1s to 5m' });
}

/**
 * Who may put faults in force, and until when: one run at a time, epochs that only rise, each over for good once it ran
 * out or was emptied. Time is the monotonic clock's.
 */
export class Leases {
  readonly #clock: Clock;
  readonly #expired: () => void;
  #current: Lease | undefined;
  #highest = 0;
  #cancel: (() => void) | undefined;

  constructor(clock: Clock, expired: () => void) {
    this.#clock = clock;
    this.#expired = expired;
  }

  get current(): Lease | undefined {
    return this.#current;
  }

  /** The highest epoch seen: begun, or spent by `end`. */
  get highest(): number {
    return this.#highest;
  }

  get expiresIn(): number {
    return this.#current ? Math.max(0, Math.round(this.#current.expiresAt - this.#clock.now())) : 0;
  }

  /** Ends a lease whose time is over, even where a busy process has not yet run its timer. */
  check(): void {
    if (!this.#current || this.#clock.now() < this.#current.expiresAt) return;
    this.#drop();
    this.#expired();
  }

  /**
   * Whether a request renews the set in force or begins a new one.
   * @throws FaultlineError OTHER_RUN, EPOCH_SPENT
   */
  judge(run: string, epoch: number): 'new' | 'renewal' {
    const current = this.#current;
    if (current && current.run !== run)
      throw new FaultlineError('OTHER_RUN', { run: current.run, expiresIn: this.expiresIn });
    if (current?.epoch === epoch) return 'renewal';
    if (epoch <= this.#highest) throw new FaultlineError('EPOCH_SPENT', { epoch, highest: this.#highest });
    return 'new';
  }

  /** Begins or prolongs a lease that was judged. */
  grant(run: string, epoch: number, ms: number): void {
    this.#cancel?.();
    this.#highest = Math.max(this.#highest, epoch);
    this.#current = { run, epoch, expiresAt: this.#clock.now() + ms };
    this.#cancel = this.#clock.after(ms, () => this.#timeUp());
  }

  /** Spends every epoch up to `epoch`; answers whether this ended the lease in force. */
  end(epoch = this.#highest): boolean {
    this.#highest = Math.max(this.#highest, epoch);
    if (!this.#current || this.#current.epoch > epoch) return false;
    this.#drop();
    return true;
  }

  #timeUp(): void {
    // A timer may fire a fraction of a millisecond before its time on this clock.
    if (this.#current) this.#current = { ...this.#current, expiresAt: this.#clock.now() };
    this.check();
  }

  #drop(): void {
    this.#cancel?.();
    this.#cancel = undefined;
    this.#current = undefined;
  }
}
