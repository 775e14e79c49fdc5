import type { Clock } from '../../core/clock.ts';
import { FaultlineError } from '../../core/errors.ts';
import { parseDuration } from '../../core/units.ts';

/** Same bounds as a data plane's. */
const SHORTEST_MS = 1000;
const LONGEST_MS = 300_000;

/** @throws FaultlineError BAD_DURATION, or BAD_VALUE outside 1 s to 5 min */
export function leaseMs(lease: string | number): number {
  const ms = parseDuration(lease);
  if (ms >= SHORTEST_MS && ms <= LONGEST_MS) return ms;
  throw new FaultlineError('BAD_VALUE', { value: lease, where: 'lease', expected: 'from 1s to 5m' });
}

/** Which epoch is in force and until when, on this process's monotonic clock. Epochs only rise; each is over for good. */
export class Epochs {
  readonly #clock: Clock;
  readonly #onExpiry: () => void;
  #live: { readonly run: string; readonly epoch: number; readonly until: number } | undefined;
  #highest = 0;
  #cancel = () => {};

  constructor(clock: Clock, onExpiry: () => void) {
    this.#clock = clock;
    this.#onExpiry = onExpiry;
  }

  get highest(): number {
    return this.#highest;
  }

  get live(): number | undefined {
    return this.#live?.epoch;
  }

  get expiresIn(): number {
    return this.#live ? Math.max(0, Math.round(this.#live.until - this.#clock.now())) : 0;
  }

  /** @throws FaultlineError OTHER_RUN, EPOCH_SPENT */
  judge(run: string, epoch: number): 'new' | 'renewal' {
    // A process that stood still finds its lease over before its timer has fired.
    if (this.#live && this.#clock.now() >= this.#live.until) this.#expire();
    const live = this.#live;
    if (live && live.run !== run)
      throw new FaultlineError('OTHER_RUN', { run: live.run, expiresIn: this.expiresIn });
    if (live?.epoch === epoch) return 'renewal';
    if (epoch <= this.#highest) throw new FaultlineError('EPOCH_SPENT', { epoch, highest: this.#highest });
    return 'new';
  }

  grant(run: string, epoch: number, ms: number): void {
    this.#cancel();
    this.#highest = Math.max(this.#highest, epoch);
    this.#live = { run, epoch, until: this.#clock.now() + ms };
    this.#cancel = this.#clock.after(ms, () => this.#expire());
  }

  /** Spends every epoch up to `epoch`; answers whether the one in force is among them. */
  spend(epoch = this.#highest): boolean {
    this.#highest = Math.max(this.#highest, epoch);
    if (!this.#live || this.#live.epoch > epoch) return false;
    this.#drop();
    return true;
  }

  #expire(): void {
    if (!this.#live) return;
    this.#drop();
    this.#onExpiry();
  }

  #drop(): void {
    this.#cancel();
    this.#cancel = () => {};
    this.#live = undefined;
  }
}
