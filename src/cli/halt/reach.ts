import { setTimeout as wait } from 'node:timers/promises';
import type { FaultSetState } from '../../core/fault.ts';
import { reasonOf } from '../../core/reason.ts';
import { connectDataPlane, type EmbeddedDriver, identifyDataPlane } from '../../drivers/embedded/index.ts';
import { isGone } from '../../drivers/process.ts';
import type { KnownPlane } from './planes.ts';

export type Reached =
  | { readonly plane: KnownPlane; readonly state: FaultSetState }
  /** Nothing listens there, so nothing is in force there. */
  | { readonly plane: KnownPlane; readonly absent: true }
  | { readonly plane: KnownPlane; readonly unreached: string };

/** How long one data plane may take to answer, ms: a kill switch says within seconds what it could not reach. */
const PATIENCE_MS = 6000;

/** Asks each data plane at the same time; what it does not answer in time is said and keeps nobody waiting. */
export function reachAll(
  planes: readonly KnownPlane[],
  ask: (driver: EmbeddedDriver) => Promise<void>,
): Promise<readonly Reached[]> {
  return Promise.all(planes.map((plane) => reach(plane, ask)));
}

async function reach(plane: KnownPlane, ask: (driver: EmbeddedDriver) => Promise<void>): Promise<Reached> {
  const driver = connectDataPlane(plane.control);
  try {
    const asked = ask(driver).then(() => driver.state());
    const late = wait(PATIENCE_MS, undefined, { ref: false }).then(() => {
      throw new Error(`no answer within ${PATIENCE_MS / 1000} s`);
    });
    return { plane, state: await Promise.race([asked, late]) };
  } catch (error) {
    if (await isAbsent(plane)) return { plane, absent: true };
    return { plane, unreached: reasonOf(error) };
  } finally {
    // Calls that are still under way end with it, and nobody waits for them.
    await driver.close();
  }
}

async function isAbsent({ control, process }: KnownPlane): Promise<boolean> {
  if (process) return isGone(process);
  return (await identifyDataPlane(control)).kind === 'nobody';
}

/** Halts a data plane of this machine that does not answer, past its control port. @returns whether a process was told */
export function haltBySignal({ process: owner }: KnownPlane): boolean {
  if (!owner || isGone(owner)) return false;
  try {
    process.kill(owner.pid, 'SIGUSR2');
    return true;
  } catch {
    return false;
  }
}
