import { resolve } from 'node:path';
import { inLanes } from '../../src/core/lanes.ts';
import { loadPlan } from '../../src/experiments/load.ts';
import type { Crash } from '../../src/experiments/proof/crash.ts';
import { type CrashOutcome, playCrash } from '../../src/experiments/proof/play.ts';
import { openStage } from '../../src/experiments/proof/stage.ts';
import { writeReports } from '../../src/report/index.ts';
import { TYPESCRIPT } from '../support/processes.ts';
import { serviceFor } from './service.ts';

export const LEASE_MS = 1500;
/** How late a busy machine may be; what is tried is that faults end with the lease, not how fast the machine is. */
const SLACK_MS = 10_000;

/** Plays one crash on a stage of its own. */
export async function play(crash: Crash): Promise<CrashOutcome> {
  const { plan } = loadPlan({ file: resolve(import.meta.dirname, 'experiment.yaml') });
  const service = await serviceFor(crash.kind);
  const stage = await openStage({ plan, leaseMs: LEASE_MS, ...(service ? { service } : {}) });
  try {
    return await playCrash({
      stage,
      crash,
      slackMs: SLACK_MS,
      execArgv: TYPESCRIPT,
      writeReports: (folder) => Object.values(writeReports(folder)),
    });
  } finally {
    await stage.close();
    await service?.stop();
  }
}

/** Plays all of them, `lanes` at a time, and tells each as it ends; answers in the order of the cases. */
export function playAll(
  crashes: readonly Crash[],
  lanes: number,
  onOutcome: (outcome: CrashOutcome) => void = () => {},
): Promise<readonly CrashOutcome[]> {
  return inLanes(crashes, lanes, async (crash) => {
    const outcome = await play(crash);
    onOutcome(outcome);
    return outcome;
  });
}
