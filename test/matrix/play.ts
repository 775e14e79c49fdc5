import { mkdirSync } from 'node:fs';
import { resolve } from 'node:path';
import { type Stage, setStage } from '../../src/cli/demo/stage.ts';
import { FaultlineError } from '../../src/core/errors.ts';
import type { Plan } from '../../src/core/plan.ts';
import { loadPlan } from '../../src/experiments/load.ts';
import { runExperiment } from '../../src/experiments/run.ts';
import { writeReports } from '../../src/report/write.ts';
import type { Case } from './case.ts';
import { type Relocated, relocate } from './relocate.ts';

const ROOT = resolve(import.meta.dirname, '../..');
const LIMITS = 'experiments/limits/sandbox.yaml';
/** Sandboxes side by side have ports this far apart, so that no part of one falls on a part of another. */
const APART = 20;
const SANDBOXES = 20;

/**
 * Starts a sandbox of its own, plays the experiment on it, and ends it again. Answers the run's folder.
 * @param folder gets `.faultline/runs` and the sandbox's logs
 */
export async function playCase(played: Case, folder: string, signal: AbortSignal): Promise<string> {
  mkdirSync(folder, { recursive: true });
  const { plan, limits } = loadPlan({
    file: resolve(ROOT, 'experiments', `${played.experiment}.yaml`),
    limits: resolve(ROOT, LIMITS),
    cwd: ROOT,
  });
  const { stage, here } = await onFreePorts(played, varied(plan, played), folder, signal);
  try {
    const result = await runExperiment({
      plan: here,
      limits,
      cwd: folder,
      environment: { ...process.env, DATABASE_URL: stage.databaseUrl },
      signal,
    });
    writeReports(result.folder);
    return result.folder;
  } finally {
    await stage.stop();
  }
}

function varied(plan: Plan, { seed = plan.seed, pace = 1 }: Case): Plan {
  const steps = plan.steps.map((step) => ({ ...step, durationMs: Math.round(step.durationMs * pace) }));
  return { ...plan, seed, steps, recoveryMs: plan.recoveryMs * pace };
}

async function onFreePorts(
  { resilience }: Case,
  plan: Plan,
  folder: string,
  signal: AbortSignal,
): Promise<{ stage: Stage; here: Plan }> {
  for (let attempt = 0; ; attempt++) {
    const place: Relocated = relocate(plan, APART * (1 + ((process.pid + attempt) % SANDBOXES)));
    const options = { ...place, folder, resilience, signal, say: () => {} };
    try {
      return { stage: await setStage(options), here: place.plan };
    } catch (error) {
      const taken = error instanceof FaultlineError && error.code === 'PORT_IN_USE';
      if (!taken || attempt === SANDBOXES) throw error;
    }
  }
}
