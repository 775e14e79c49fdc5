import { FaultlineError } from '../../core/errors.ts';
import { adoptDataPlane, connectDataPlane, identifyDataPlane } from '../../drivers/embedded/index.ts';
import { isGone } from '../../drivers/process.ts';
import type { HeldPlane } from '../engine/plane.ts';
import { lastOf } from '../journal/index.ts';
import type { UnfinishedRun } from './survey.ts';

/**
 * The data plane that a dead run worked with: the one that it had started, by the record in its folder, else the one that
 * it had found, where the same instance still answers.
 * @throws FaultlineError CONTROL_TOKEN_REFUSED where it asks for a token that this process has not; then it is empty already
 */
export async function findPlane({ folder, events }: UnfinishedRun): Promise<HeldPlane | undefined> {
  const started = await adoptDataPlane(folder);
  const known = lastOf(events, 'data-plane');
  const control = started?.control ?? known?.control;
  const instance = started?.instance ?? known?.instance;
  if (control === undefined || instance === undefined) return undefined;
  const identity = await identifyDataPlane(control);
  if (identity.kind === 'locked' && identity.instance === instance) {
    await emptyUnproven(control);
    throw new FaultlineError('CONTROL_TOKEN_REFUSED');
  }
  if (identity.kind !== 'ours' || identity.instance !== instance) return undefined;
  const driver = connectDataPlane(control);
  return {
    driver,
    control,
    instance,
    proxies: identity.proxies,
    adopted: true,
    release: () => driver.close(),
    ...(started
      ? {
          pid: started.pid,
          startTime: started.startTime,
          stop: () => started.stop(),
          gone: () => isGone(started),
        }
      : {}),
  };
}

/** Taking back needs no token; that nothing is left of it cannot be proven without one. */
async function emptyUnproven(control: string): Promise<void> {
  const driver = connectDataPlane(control);
  try {
    await driver.empty();
  } finally {
    await driver.close();
  }
}
