import { dirname, resolve } from 'node:path';
import { EXIT } from '../core/verdict.ts';
import { appraise } from '../experiments/appraise.ts';
import { explainLimits } from '../experiments/explain/limits.ts';
import { loadPlan } from '../experiments/load.ts';
import { limitsGiven, loadLimits } from '../safety/limits/index.ts';

interface LimitsOptions {
  readonly experiment?: string;
  readonly limits?: string;
  readonly approvedBy?: readonly string[];
  readonly json?: boolean;
}

/** `faultline limits`: 0 when a run would pass the gates that need no data plane, 6 when it would not. */
export async function limits({ experiment, approvedBy, json, ...given }: LimitsOptions): Promise<number> {
  const cwd = process.cwd();
  const file = given.limits;
  const place = {
    file,
    cwd,
    ...(experiment === undefined ? {} : { folder: dirname(resolve(cwd, experiment)) }),
  };
  const appraisal = await appraise({
    ...(experiment === undefined
      ? { limits: loadLimits(place) }
      : loadPlan({ file: experiment, limits: file, cwd })),
    given: limitsGiven(place),
    approvals: approvedBy,
    cwd,
    environment: process.env,
  });
  process.stdout.write(`${json ? JSON.stringify(appraisal, null, 2) : explainLimits(appraisal)}\n`);
  return appraisal.passes ? 0 : EXIT.refused;
}
