import { recordable } from '../experiments/engine/redact.ts';
import { explainPlan } from '../experiments/explain.ts';
import { loadPlan } from '../experiments/load.ts';

/** `faultline plan`: the dry run. */
export async function plan(options: { file: string; limits?: string; json?: boolean }): Promise<number> {
  const loaded = loadPlan(options);
  process.stdout.write(
    `${options.json ? JSON.stringify(recordable(loaded.plan), null, 2) : explainPlan(loaded.plan, loaded.limits)}\n`,
  );
  return 0;
}
