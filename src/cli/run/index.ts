import { reasonOf } from '../../core/reason.ts';
import { EXIT } from '../../core/verdict.ts';
import { loadPlan } from '../../experiments/load.ts';
import { runExperiment } from '../../experiments/run.ts';
import { conclude } from '../conclusion.ts';
import { onInterrupt } from '../interrupt.ts';
import { tellerBeside } from '../notify/beside.ts';
import { jsonReporter, type Reporter, textReporter } from '../progress/index.ts';
import { supervised } from './supervised.ts';

interface RunOptions {
  readonly file: string;
  readonly limits?: string;
  readonly approvedBy?: readonly string[];
  readonly keepProxy?: boolean;
  readonly json?: boolean;
  /** Started by another process that holds a channel to this one. */
  readonly supervised?: boolean;
  /** Whoever started it is asked before each step. */
  readonly holdSteps?: boolean;
  readonly startedBy?: string;
  /** File of notifications; by default `notify.yaml`, where there is one. */
  readonly notify?: string;
  readonly version: string;
}

/** `faultline run`: exit code by the verdict. */
export async function run(options: RunOptions): Promise<number> {
  const { file, limits, approvedBy, keepProxy, json, startedBy, version } = options;
  const loaded = loadPlan({ file, limits });
  const teller = tellerBeside(options.notify);
  const interrupt = onInterrupt();
  const supervisor = options.supervised ? supervised(interrupt) : undefined;
  const reporter: Reporter = supervisor ?? (json ? jsonReporter : textReporter)(process.stdout);
  try {
    const result = await runExperiment({
      ...loaded,
      cwd: process.cwd(),
      environment: process.env,
      signal: interrupt.signal,
      version,
      keepProxy,
      startedBy,
      approvals: approvedBy,
      ...(supervisor && options.holdSteps ? { beforeStep: supervisor.beforeStep } : {}),
      onEvent(event) {
        reporter.take(event);
        teller.take(event);
      },
    });
    if (result.exit === EXIT.refused) supervisor?.refused(result.sentence);
    reporter.close();
    conclude(result, { json });
    return result.exit;
  } catch (error) {
    supervisor?.refused(reasonOf(error));
    throw error;
  } finally {
    reporter.close();
    await teller.close();
    interrupt.end();
  }
}
