import { loadPlan } from '../experiments/load.ts';
import { runExperiment } from '../experiments/run.ts';
import { conclude } from './conclusion.ts';
import { onInterrupt } from './interrupt.ts';
import { jsonReporter, textReporter } from './progress/index.ts';

interface RunOptions {
  readonly file: string;
  readonly limits?: string;
  readonly approvedBy?: readonly string[];
  readonly keepProxy?: boolean;
  readonly json?: boolean;
  readonly version: string;
}

/** `faultline run`: exit code by the verdict. */
export async function run({
  file,
  limits,
  approvedBy,
  keepProxy,
  json,
  version,
}: RunOptions): Promise<number> {
  const loaded = loadPlan({ file, limits });
  const interrupt = onInterrupt();
  const reporter = (json ? jsonReporter : textReporter)(process.stdout);
  try {
    const result = await runExperiment({
      ...loaded,
      cwd: process.cwd(),
      environment: process.env,
      signal: interrupt.signal,
      version,
      keepProxy,
      approvals: approvedBy,
      onEvent: (event) => reporter.take(event),
    });
    reporter.close();
    conclude(result, { json });
    return result.exit;
  } finally {
    reporter.close();
    interrupt.end();
  }
}
