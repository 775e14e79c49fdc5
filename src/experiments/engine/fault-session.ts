import type { Clock } from '../../core/clock.ts';
import { type Exempt, exemptsAny, type FaultSetState } from '../../core/fault.ts';
import type { PlannedStep } from '../../core/plan.ts';
import type { FaultDriver } from '../../core/ports.ts';
import { faultsAt } from './ramp.ts';

export interface FaultSessionOptions {
  readonly driver: FaultDriver;
  readonly run: string;
  readonly seed: number;
  readonly leaseMs: number;
  /** Left alone by every fault. */
  readonly exempt?: Exempt;
  /** The data plane that was there at the start; another one is refused. */
  readonly instance: string;
  /** Highest epoch that the data plane has seen. */
  readonly seen: number;
  readonly clock: Clock;
}

/**
 * The fault sets of one run: a new epoch for each step, renewals with the ramps' current values. Calls wait for each
 * other, so that a renewal never overtakes the next step; emptying waits for nobody.
 */
export interface FaultSession {
  /** The epoch that the next step will have. */
  readonly nextEpoch: number;
  readonly leaseMs: number;
  /** Highest epoch asked for so far. */
  readonly epoch: number;
  /** How many sets were asked for. */
  readonly asked: number;
  /** The epoch in force as far as this run knows; undefined where no fault should be. */
  readonly inForce: number | undefined;
  /** Nothing is applied or renewed any more. */
  readonly ended: boolean;
  /** Whether the last lease must have run out by now. */
  leaseOver(): boolean;
  /**
   * Puts a step in force.
   * @param decidedAt when that was decided; by default now
   * @throws StoodStill when this process did nothing for a whole lease since then, or since it last renewed: what it decided
   * is no longer founded on the health that it saw
   */
  apply(step: PlannedStep, decidedAt?: number): Promise<FaultSetState>;
  /** Renews the lease of what is in force; with nothing in force, only checks that the data plane is the same. */
  renew(): Promise<FaultSetState>;
  /** Empties the set between two steps. */
  takeBack(): Promise<FaultSetState>;
  /** Empties the set at once, whatever is under way; nothing can be applied or renewed afterwards. */
  end(): Promise<FaultSetState>;
}

/** A controller that was frozen must not go on where it stopped. */
export class StoodStill extends Error {
  constructor() {
    super('the controller stood still for longer than the lease of its faults');
  }
}

export function createFaultSession(options: FaultSessionOptions): FaultSession {
  const { driver, run, seed, leaseMs, exempt, instance, clock } = options;
  let epoch = options.seen;
  let inForce: { readonly step: PlannedStep; readonly since: number; readonly epoch: number } | undefined;
  let leasedAt = clock.now();
  let ended = false;
  let turn: Promise<unknown> = Promise.resolve();

  const inTurn = <T>(act: () => Promise<T>): Promise<T> => {
    const mine = turn.then(() => {
      if (ended) throw new Error('the run is being rolled back');
      return act();
    });
    turn = mine.catch(() => {});
    return mine;
  };

  const put = async (step: PlannedStep, elapsedMs: number) => {
    const faults = faultsAt(step, elapsedMs);
    const asked = clock.now();
    const set = { run, epoch, lease: leaseMs, seed, instance, faults };
    const state = await driver.apply(exemptsAny(exempt) ? { ...set, exempt } : set);
    leasedAt = asked;
    return state;
  };

  const leaseOver = () => clock.now() - leasedAt >= leaseMs;

  return {
    get nextEpoch() {
      return epoch + 1;
    },
    leaseMs,
    get epoch() {
      return epoch;
    },
    get asked() {
      return epoch - options.seen;
    },
    get inForce() {
      return inForce && inForce.step.faults.length > 0 ? inForce.epoch : undefined;
    },
    get ended() {
      return ended;
    },
    leaseOver,
    apply: (step, decidedAt = clock.now()) =>
      inTurn(async () => {
        if (clock.now() - decidedAt >= leaseMs || (inForce && leaseOver())) throw new StoodStill();
        epoch += 1;
        inForce = undefined;
        const state = await put(step, 0);
        inForce = { step, since: clock.now(), epoch };
        return state;
      }),
    renew: () =>
      inTurn(async () => {
        if (inForce) return put(inForce.step, clock.now() - inForce.since);
        const state = await driver.state();
        if (state.instance !== instance) throw new Error('the data plane was restarted by somebody else');
        return state;
      }),
    takeBack: () =>
      inTurn(() => {
        inForce = undefined;
        return driver.empty(epoch);
      }),
    end() {
      ended = true;
      inForce = undefined;
      return driver.empty(epoch);
    },
  };
}
