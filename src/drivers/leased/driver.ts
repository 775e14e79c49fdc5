import { randomUUID } from 'node:crypto';
import { type Clock, sleep, systemClock } from '../../core/clock.ts';
import { FaultlineError } from '../../core/errors.ts';
import {
  type CountedFault,
  exemptsAny,
  type FaultSetRequest,
  type FaultSetState,
  type FaultSpec,
} from '../../core/fault.ts';
import type { Observation } from '../../core/observation.ts';
import type { FaultDriver } from '../../core/ports.ts';
import { Epochs, leaseMs } from './epochs.ts';
import type { EngagedSet, NamedFault, Target } from './target.ts';

/** A driver of a target of its own, which lives in this process. */
export interface LeasedDriver extends FaultDriver {
  check(faults: readonly FaultSpec[]): Promise<void>;
  lift(): Promise<void>;
  /** Takes back what is in force and lets go of connections; calls fail after it. */
  close(): Promise<void>;
}

export interface LeasedDriverOptions {
  /** As an experiment names it; quoted in errors. */
  readonly name: string;
  readonly clock?: Clock;
}

type Previous = NonNullable<FaultSetState['previous']>;

/** After an expiry nobody asks again: taking back is tried this often. */
const RETRY_MS = [200, 500, 1000, 2000, 5000];

/** Epochs, leases, renewals and halts for a target that knows none of them. Calls that change something wait for each other. */
export function createLeasedDriver(
  target: Target,
  { name, clock = systemClock }: LeasedDriverOptions,
): LeasedDriver {
  const instance = randomUUID();
  let set: EngagedSet | undefined;
  let lastEnded: Previous | undefined;
  let halted: FaultSetState['halted'];
  let closed = false;
  let abort = new AbortController();
  let turn: Promise<unknown> = Promise.resolve();
  const epochs = new Epochs(clock, () => void expire());

  const inTurn = <T>(act: () => Promise<T>): Promise<T> => {
    const mine = turn.then(act);
    turn = mine.catch(() => {});
    return mine;
  };

  const counted = (fault: NamedFault): CountedFault => ({ ...fault, ...target.countsOf(fault.id) });

  const take = (ended: Previous['ended']): Previous | undefined => {
    const last = set;
    set = undefined;
    if (last) lastEnded = { run: last.run, epoch: last.epoch, ended, faults: last.faults.map(counted) };
    return last && lastEnded;
  };

  const state = (
    faults: readonly CountedFault[],
    previous: Previous | undefined = set ? undefined : lastEnded,
  ): FaultSetState => ({
    instance,
    epoch: epochs.live ?? epochs.highest,
    ...(set ? { run: set.run } : {}),
    expiresIn: epochs.expiresIn,
    faults,
    ...(previous ? { previous } : {}),
    ...(halted ? { halted } : {}),
  });

  async function expire(): Promise<void> {
    abort.abort();
    for (let attempt = 0; ; attempt++) {
      const released = await inTurn(async () => {
        // A set that was begun since then has taken this one back itself.
        if (epochs.live !== undefined) return true;
        await target.release();
        take('expired');
        return true;
      }).catch(() => false);
      if (released || closed) return;
      await sleep(clock, RETRY_MS[attempt] ?? RETRY_MS.at(-1)!);
    }
  }

  async function begin(asked: EngagedSet): Promise<FaultSetState> {
    await target.check(asked.faults);
    const previous = take('replaced');
    await target.release();
    abort = new AbortController();
    set = asked;
    epochs.grant(asked.run, asked.epoch, asked.leaseMs);
    return settle(asked, () => target.engage(asked, abort.signal), previous);
  }

  async function settle(
    asked: EngagedSet,
    act: () => Promise<void>,
    previous?: Previous,
  ): Promise<FaultSetState> {
    try {
      await act();
      // It may have been taken back while it came into force.
      if (abort.signal.aborted)
        throw new FaultlineError('EPOCH_SPENT', { epoch: asked.epoch, highest: epochs.highest });
    } catch (error) {
      epochs.spend(asked.epoch);
      await target.release();
      take('emptied');
      throw error;
    }
    return state(asked.faults.map(counted), previous);
  }

  async function apply(request: FaultSetRequest): Promise<FaultSetState> {
    const asked = { ...request, leaseMs: leaseMs(request.lease), faults: named(request.faults) };
    if (exemptsAny(request.exempt) && asked.faults[0])
      throw new FaultlineError('DRIVER_CANNOT', {
        driver: name,
        kind: target.kind,
        fault: asked.faults[0].type,
        reason: 'it cannot leave exempt traffic alone',
      });
    if (halted) throw new FaultlineError('HALTED', { reason: halted.reason });
    if (request.instance !== undefined && request.instance !== instance)
      throw new FaultlineError('OTHER_INSTANCE', { instance, asked: request.instance });
    if (epochs.judge(request.run, request.epoch) === 'new') return begin(asked);
    checkRenewal(set!.faults, asked.faults);
    set = asked;
    epochs.grant(asked.run, asked.epoch, asked.leaseMs);
    return settle(asked, () => target.renew(asked, abort.signal));
  }

  /** Aborts what comes into force just now, and then takes it back. */
  const end = (how: 'emptied' | 'halted', epoch?: number): Promise<FaultSetState> => {
    const inForce = epochs.spend(epoch);
    if (inForce) abort.abort();
    return inTurn(async () => {
      if (epochs.live !== undefined) return state(set?.faults.map(counted) ?? []);
      await target.release();
      const previous = take(how);
      return state([], previous);
    });
  };

  return {
    name,
    counts: target.counts,
    check: (faults) => target.check(faults),
    apply: (request) => inTurn(() => apply(request)),
    empty: (epoch) => end('emptied', epoch),
    state: async () => state((await target.remaining()).map(counted)),
    manualToxics: () => target.manual(),
    held: () => target.held(),
    remark: () => target.remark?.(),
    async halt(reason) {
      halted ??= { reason, since: new Date(clock.wall()).toISOString() };
      await end('halted');
    },
    async lift() {
      halted = undefined;
    },
    observe: (signal) => silence(clock, signal),
    async close() {
      try {
        await end('emptied');
      } finally {
        closed = true;
        await target.close();
      }
    },
  };
}

/** Observes nothing until it is told to stop. */
function silence(clock: Clock, signal: AbortSignal): AsyncIterable<Observation> {
  const next = async () => {
    while (!signal.aborted) await sleep(clock, 60_000, signal);
    return { done: true, value: undefined } as const;
  };
  return { [Symbol.asyncIterator]: () => ({ next }) };
}

function named(faults: readonly FaultSpec[]): readonly NamedFault[] {
  const taken = new Set<string>();
  return faults.map((fault) => {
    const base = fault.id ?? `${fault.type}_${fault.stream ?? 'downstream'}`;
    let id = base;
    for (let number = 2; taken.has(id); number++) id = `${base}_${number}`;
    taken.add(id);
    return { ...fault, id };
  });
}

/** Only values may differ from the set in force. */
function checkRenewal(before: readonly NamedFault[], after: readonly NamedFault[]): void {
  const shape = (faults: readonly NamedFault[]) =>
    JSON.stringify(faults.map(({ id, proxy, type, stream, match }) => [id, proxy, type, stream, match]));
  if (shape(before) === shape(after)) return;
  throw new FaultlineError('BAD_BODY', { reason: 'a renewal may change toxicity and attributes only' });
}
