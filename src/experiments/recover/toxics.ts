import { takeBack, toxiproxyServer } from '../../drivers/toxiproxy/index.ts';
import { firstOf } from '../journal/index.ts';
import type { UnfinishedRun } from './survey.ts';

/**
 * Removes what a dead run left on Toxiproxy servers. As a rule its watchdog has done so; what it held on databases has ended
 * with its connections.
 * @returns why something may be left, a sentence for each server
 */
export async function takeBackToxics({ run, events }: UnfinishedRun): Promise<readonly string[]> {
  if (!firstOf(events, 'step-intended')) return [];
  const drivers = firstOf(events, 'run-started')?.plan.drivers ?? [];
  const failures = drivers.map(async (declaration) => {
    if (declaration.driver !== 'toxiproxy') return [];
    const reasons = await takeBack(toxiproxyServer(declaration.control), run);
    return reasons.map((reason) => `driver "${declaration.name}" may have toxics left: ${reason}`);
  });
  return (await Promise.all(failures)).flat();
}
