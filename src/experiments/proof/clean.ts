import { sleep, systemClock } from '../../core/clock.ts';
import type { Plan } from '../../core/plan.ts';
import { connectDataPlane, identifyDataPlane } from '../../drivers/embedded/index.ts';
import type { Controller } from './controller.ts';
import { exchange } from './exchange.ts';

/** What is still in force at a moment. */
export interface Remainder {
  readonly faults: number;
  readonly held: number;
  /** Proxies through which an exchange failed. */
  readonly broken: readonly string[];
  /** When that was so, ms of `performance.now()`. */
  readonly at?: number;
}

/** What of a controller tells where its data plane is, and whether it can still act. */
type Seen = Pick<Controller, 'dataPlane' | 'over'>;

export const NOTHING: Remainder = { faults: 0, held: 0, broken: [] };

const ANSWER_WITHIN_MS = 1000;
const LOOK_EVERY_MS = 20;

/**
 * What remains of a controller's faults now, seen from outside: at its data plane, and by an exchange through each proxy.
 * Without a data plane nothing stands in anybody's way; while its controller may still bring it back, all is broken.
 */
export async function remainder(seen: Seen, plan: Plan): Promise<Remainder> {
  const { dataPlane } = seen;
  if (!dataPlane) return NOTHING;
  const names = plan.proxies.map(({ name }) => name);
  const identity = await identifyDataPlane(dataPlane.control);
  if (identity.kind !== 'ours') {
    return seen.over ? NOTHING : { ...NOTHING, broken: names };
  }
  const driver = connectDataPlane(dataPlane.control);
  try {
    const [state, answered] = await Promise.all([
      driver.state(),
      Promise.all(
        plan.proxies.map(async ({ name, protocol }) => ({
          name,
          whole: await exchange(protocol, dataPlane.proxies[name]!, ANSWER_WITHIN_MS),
        })),
      ),
    ]);
    const broken = answered.filter(({ whole }) => !whole).map(({ name }) => name);
    const at = performance.now();
    const quiet = state.faults.length === 0 && broken.length === 0;
    // Observations come once a second: asked only when all else is well.
    return { faults: state.faults.length, held: quiet ? await driver.held() : 0, broken, at };
  } catch {
    return { ...NOTHING, broken: names };
  } finally {
    await driver.close();
  }
}

/** Looks until nothing remains, for at most `withinMs`; tells when that was so. */
export async function untilClean(
  seen: Seen,
  plan: Plan,
  withinMs: number,
): Promise<{ readonly at: number; readonly left: Remainder }> {
  const deadline = performance.now() + withinMs;
  for (;;) {
    const { at = performance.now(), ...left } = await remainder(seen, plan);
    if (left.faults + left.held + left.broken.length === 0 || at > deadline) return { at, left };
    await sleep(systemClock, LOOK_EVERY_MS);
  }
}
