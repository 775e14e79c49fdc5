import { FaultlineError } from '../../../src/core/errors.ts';
import type { CountedFault, FaultSetRequest, FaultSetState } from '../../../src/core/fault.ts';
import type { Observation } from '../../../src/core/observation.ts';
import type { FaultDriver } from '../../../src/core/ports.ts';
import type { HeldPlane } from '../../../src/experiments/engine/plane.ts';
import type { FakeClock } from '../../support/fake-clock.ts';

/** A data plane in memory, with epochs and leases as the real one has them. Each fault is injected ten times a second. */
export class FakePlane {
  readonly #clock: FakeClock;
  readonly calls: string[] = [];
  instance = 'i1';
  epoch = 0;
  spent = 0;
  set: FaultSetRequest | undefined;
  /** Injections of each fault a second. */
  perSecond = 10;
  /** Whether it tells how often. */
  counts = true;
  #since = 0;
  #expires = 0;
  haltedBecause: string | undefined;
  heldUnits = 0;
  /** Every call fails with this from now on. */
  failure: Error | undefined;
  /** Emptying never answers. */
  hangs = false;
  /** Its process ends as soon as it has answered that its set is empty. */
  diesWhenEmptied = false;
  /** The process has ended. */
  dead = false;
  /** Sets from this epoch on are refused. */
  refusesFrom = Number.POSITIVE_INFINITY;
  restarts = 0;
  stops = 0;
  #streams = new Set<() => void>();

  constructor(clock: FakeClock) {
    this.#clock = clock;
  }

  die(): void {
    this.dead = true;
    this.set = undefined;
    this.failure = new FaultlineError('DATA_PLANE_GONE', { control: 'c', reason: 'nothing listens there' });
    for (const end of this.#streams) end();
  }

  revive(): void {
    this.dead = false;
    this.diesWhenEmptied = false;
    this.hangs = false;
    this.failure = undefined;
  }

  driver(): FaultDriver {
    return {
      name: 'fake',
      counts: this.counts,
      apply: async (set) => this.#apply(set),
      empty: async (epoch) => {
        this.calls.push(`empty ${epoch}`);
        if (this.hangs) return new Promise<never>(() => {});
        const state = this.#empty(epoch);
        if (this.diesWhenEmptied) this.die();
        return state;
      },
      state: async () => this.#state(),
      manualToxics: async () => [],
      held: async () => {
        this.#check();
        return this.heldUnits;
      },
      halt: async (reason) => this.halt(reason),
      observe: (signal) => this.#observe(signal),
    };
  }

  held(options: { readonly owned: boolean }): HeldPlane {
    const plane: HeldPlane = {
      driver: this.driver(),
      control: '127.0.0.1:8474',
      instance: this.instance,
      adopted: !options.owned,
      proxies: [{ name: 'web', protocol: 'tcp', listen: '127.0.0.1:4000', upstream: '127.0.0.1:4001' }],
    };
    if (!options.owned) return plane;
    return {
      ...plane,
      pid: 7,
      startTime: '7',
      gone: () => this.dead,
      stop: async () => {
        this.stops++;
        this.die();
      },
      restart: async () => {
        this.restarts++;
        this.revive();
        this.instance = `${this.instance}+`;
        this.epoch = this.spent = 0;
        return this.held(options);
      },
    };
  }

  halt(reason: string): void {
    this.haltedBecause = reason;
    this.spent = this.epoch;
    this.set = undefined;
  }

  #check(): void {
    if (this.failure) throw this.failure;
    if (this.set && this.#clock.now() >= this.#expires) {
      this.spent = this.epoch;
      this.set = undefined;
      this.calls.push('expired');
    }
  }

  #apply(request: FaultSetRequest): FaultSetState {
    this.calls.push(`${request.epoch === this.epoch ? 'renew' : 'apply'} ${request.epoch}`);
    this.#check();
    if (this.haltedBecause !== undefined) throw new FaultlineError('HALTED', { reason: this.haltedBecause });
    if (request.epoch <= this.spent || request.epoch < this.epoch || request.epoch >= this.refusesFrom) {
      throw new FaultlineError('EPOCH_SPENT', { epoch: request.epoch, highest: this.epoch });
    }
    const renewal = request.epoch === this.epoch;
    const previous = renewal ? undefined : this.#ended('replaced');
    this.set = request;
    this.#expires = this.#clock.now() + Number(request.lease);
    if (!renewal) {
      this.epoch = request.epoch;
      this.spent = request.epoch - 1;
      this.#since = this.#clock.now();
    }
    return { ...this.#state(), ...(previous ? { previous } : {}) };
  }

  #empty(epoch = this.epoch): FaultSetState {
    this.#check();
    const previous = this.set && epoch >= this.epoch ? this.#ended('emptied') : undefined;
    if (epoch >= this.epoch) this.set = undefined;
    this.spent = Math.max(this.spent, epoch);
    return { ...this.#state(), ...(previous ? { previous } : {}) };
  }

  #ended(ended: 'replaced' | 'emptied'): FaultSetState['previous'] {
    return this.set && { run: this.set.run, epoch: this.set.epoch, ended, faults: this.#counted() };
  }

  #state(): FaultSetState {
    this.#check();
    const { instance, epoch, haltedBecause } = this;
    return {
      instance,
      epoch,
      ...(this.set ? { run: this.set.run } : {}),
      expiresIn: this.set ? this.#expires - this.#clock.now() : 0,
      faults: this.#counted(),
      ...(haltedBecause === undefined ? {} : { halted: { reason: haltedBecause, since: '' } }),
    };
  }

  #counted(): CountedFault[] {
    const count = Math.floor(((this.#clock.now() - this.#since) / 1000) * this.perSecond);
    const counts = { matched: count, injected: count, skipped: {} };
    return (this.set?.faults ?? []).map((fault) => ({ id: '?', ...fault, ...counts }));
  }

  async *#observe(signal: AbortSignal): AsyncGenerator<Observation> {
    const ended = new Promise<void>((resolve) => {
      this.#streams.add(resolve);
      signal.addEventListener('abort', () => resolve(), { once: true });
    });
    if (this.failure) throw this.failure;
    await ended;
    yield* [];
  }
}
