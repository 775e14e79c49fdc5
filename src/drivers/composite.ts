import { FaultlineError } from '../core/errors.ts';
import type { FaultSetState, FaultSpec } from '../core/fault.ts';
import type { DriverProof } from '../core/journal.ts';
import type { FaultDriver } from '../core/ports.ts';
import type { LeasedDriver } from './leased/index.ts';

/** The data plane of a run together with the drivers that its file declares. */
export interface CompositeDriver extends FaultDriver {
  check(faults: readonly FaultSpec[]): Promise<void>;
  /** Takes back what the drivers beside the data plane have in force, and lets go of them; the data plane's is its owner's to close. */
  close(): Promise<void>;
}

/**
 * One fault set over several drivers. A fault goes to the driver it names, else to `plane`. Each gets the same run, epoch and
 * lease; instances and epochs that it answers are the data plane's. An apply that fails on one empties all.
 */
export function compositeDriver(
  plane: FaultDriver,
  drivers: ReadonlyMap<string, LeasedDriver>,
): CompositeDriver {
  const members: readonly (readonly [string | undefined, FaultDriver])[] = [[undefined, plane], ...drivers];

  const shareOf = (name: string | undefined, faults: readonly FaultSpec[]) =>
    faults.filter(({ driver }) => driver === name);

  const empty = async (epoch?: number): Promise<FaultSetState> => {
    // All at once: one that hangs or fails must not keep the faults of the others.
    const outcomes = await Promise.allSettled(members.map(([, driver]) => driver.empty(epoch)));
    const states = outcomes.flatMap((outcome) => (outcome.status === 'fulfilled' ? [outcome.value] : []));
    const failed = outcomes.find((outcome) => outcome.status === 'rejected');
    if (failed) throw failed.reason;
    return merge(states);
  };

  return {
    name: plane.name,
    // Of the others, plans demand what they cannot count to be called unproven.
    counts: plane.counts,
    async check(faults) {
      for (const [name, driver] of members) await driver.check?.(shareOf(name, faults));
    },
    async apply(request) {
      const unknown = request.faults.find(({ driver }) => driver !== undefined && !drivers.has(driver));
      if (unknown) throw new FaultlineError('UNKNOWN_DRIVER', { driver: unknown.driver });
      const states: FaultSetState[] = [];
      try {
        for (const [name, driver] of members) {
          const { instance, ...rest } = request;
          const own = { ...rest, faults: shareOf(name, request.faults) };
          // An instance is the data plane's; the others live in this process.
          states.push(
            await driver.apply(name === undefined && instance !== undefined ? { ...own, instance } : own),
          );
        }
      } catch (error) {
        await empty(request.epoch);
        throw error;
      }
      return merge(states);
    },
    empty,
    async state() {
      const states = members.map(async ([name, driver]) => {
        const state = await driver.state();
        // What a target still shows of an earlier set does not know whose it is.
        return name === undefined
          ? state
          : { ...state, faults: state.faults.map((fault) => ({ ...fault, driver: name })) };
      });
      return merge(await Promise.all(states));
    },
    async manualToxics() {
      const names = members.map(async ([name, driver]) => {
        const touched = await driver.manualToxics();
        return name === undefined ? touched : touched.map((proxy) => `${name}/${proxy}`);
      });
      return (await Promise.all(names)).flat();
    },
    async held() {
      const all = await Promise.all(members.map(([, driver]) => driver.held()));
      const known = all.filter((held) => held !== undefined);
      const sum = known.reduce((total, held) => total + held, 0);
      // What is known to be held is told, although there may be more.
      return known.length < all.length && sum === 0 ? undefined : sum;
    },
    ...(plane.expectCanary ? { expectCanary: plane.expectCanary } : {}),
    async halt(reason, by) {
      await Promise.all(members.map(([, driver]) => driver.halt(reason, by)));
    },
    members: () =>
      Promise.all(
        members.map(async ([name = plane.name, driver]): Promise<DriverProof> => {
          try {
            const [{ faults }, held = null] = await Promise.all([driver.state(), driver.held()]);
            const remark = driver.remark?.();
            return { driver: name, empty: faults.length === 0, held, ...(remark ? { remark } : {}) };
          } catch (error) {
            return { driver: name, empty: false, held: null, reason: (error as Error).message };
          }
        }),
      ),
    observe: (signal) => plane.observe(signal),
    async close() {
      const outcomes = await Promise.allSettled([...drivers.values()].map((driver) => driver.close()));
      const failed = outcomes.find((outcome) => outcome.status === 'rejected');
      if (failed) throw failed.reason;
    },
  };
}

/** The first is the data plane's. */
function merge(states: readonly FaultSetState[]): FaultSetState {
  const [plane] = states;
  const previous = states.flatMap((state) => state.previous ?? []);
  return {
    ...plane!,
    faults: states.flatMap(({ faults }) => faults),
    ...(previous[0]
      ? { previous: { ...previous[0], faults: previous.flatMap(({ faults }) => faults) } }
      : {}),
  };
}
