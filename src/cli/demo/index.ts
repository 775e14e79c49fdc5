import { fileURLToPath } from 'node:url';
import { EXIT } from '../../core/verdict.ts';
import { loadPlan } from '../../experiments/load.ts';
import { type RunResult, runExperiment } from '../../experiments/run.ts';
import { conclude } from '../conclusion.ts';
import { exitBySignal, type Interrupt, onInterrupt } from '../interrupt.ts';
import { type TellerBeside, tellerBeside } from '../notify/beside.ts';
import { jsonReporter, textReporter } from '../progress/index.ts';
import { type BuildFlags, resilienceOf } from './build.ts';
import { logFolder, type Stage, setStage } from './stage.ts';

const EXPERIMENT = fileURLToPath(new URL('../../../experiments/openai-outage-cascade.yaml', import.meta.url));
const LIMITS = fileURLToPath(new URL('../../../experiments/limits/demo.yaml', import.meta.url));
const TIME_SCALE = '1 s stands for about 15 s of the outage that it plays';

interface DemoFlags extends BuildFlags {
  readonly json?: boolean;
  /** File of notifications; nobody is told without it. */
  readonly notify?: string;
  readonly version: string;
}

/**
 * `faultline demo`: plays the OpenAI outage on the sandbox. 0 when everything worked as designed, whatever the verdict:
 * faults were injected, taken back, and that was proven.
 */
export async function demo(flags: DemoFlags): Promise<number> {
  const resilience = resilienceOf(flags);
  // A demo is no news to those whom the notify.yaml of this folder names.
  const teller = flags.notify === undefined ? undefined : tellerBeside(flags.notify);
  const interrupt = onInterrupt();
  let stage: Stage | undefined;
  try {
    const loaded = loadPlan({ file: EXPERIMENT, limits: LIMITS });
    const say = (text: string) => process.stderr.write(`${text}\n`);
    const folder = logFolder(process.cwd());
    stage = await setStage({ plan: loaded.plan, folder, resilience, signal: interrupt.signal, say });
    const result = await play(loaded, stage, interrupt, { ...flags, teller });
    await stage.stop();
    stage = undefined;
    conclude(result, flags);
    if (interrupt.signal.aborted) return exitBySignal(interrupt.signal);
    return workedAsDesigned(result) ? 0 : result.exit;
  } catch (error) {
    if (interrupt.signal.aborted && error === interrupt.signal.reason) return exitBySignal(interrupt.signal);
    throw error;
  } finally {
    await stage?.stop();
    await teller?.close();
    interrupt.end();
  }
}

async function play(
  loaded: ReturnType<typeof loadPlan>,
  stage: Stage,
  interrupt: Interrupt,
  { json, version, teller }: DemoFlags & { readonly teller?: TellerBeside },
): Promise<RunResult> {
  const reporter = (json ? jsonReporter : textReporter)(process.stdout);
  try {
    return await runExperiment({
      ...loaded,
      cwd: process.cwd(),
      environment: { ...process.env, DATABASE_URL: stage.databaseUrl },
      signal: interrupt.signal,
      version,
      timeScale: TIME_SCALE,
      onEvent(event) {
        reporter.take(event);
        teller?.take(event);
      },
    });
  } finally {
    reporter.close();
  }
}

function workedAsDesigned({ exit }: RunResult): boolean {
  return exit === EXIT.held || exit === EXIT.deviated || exit === EXIT.aborted;
}
