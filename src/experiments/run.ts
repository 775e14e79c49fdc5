import { type Clock, systemClock } from '../core/clock.ts';
import { FaultlineError } from '../core/errors.ts';
import type { JournalBody, JournalEvent } from '../core/journal.ts';
import type { SafetyLimits } from '../core/limits.ts';
import type { Plan } from '../core/plan.ts';
import { reasonOf } from '../core/reason.ts';
import type { ExitCode, Verdict } from '../core/verdict.ts';
import type { BeforeStep } from './engine/hold.ts';
import { perform } from './engine/perform.ts';
import { type RunPorts, systemPorts } from './engine/ports.ts';
import { recordable, recordableLimits, redactor } from './engine/redact.ts';
import { createStopLatch, followSignal } from './engine/stop.ts';
import {
  createRunFolder,
  type Journal,
  openJournal,
  runOf,
  runsFolder,
  type WriteLines,
} from './journal/index.ts';
import type { RecoveredRun } from './recover.ts';
import { judge } from './verdict.ts';

export interface RunOptions {
  readonly plan: Plan;
  readonly limits: SafetyLimits;
  /** Folder in which `.faultline/runs` lies, and from which the stop file is looked for. */
  readonly cwd: string;
  /** Where variables of the experiment come from. */
  readonly environment: NodeJS.ProcessEnv;
  /** Stops the run by the rollback path; its reason is `{ cause: 'signal' | 'halt', text }`. */
  readonly signal: AbortSignal;
  /** Version of Faultline, for the record. */
  readonly version?: string;
  /** Script of the data plane's process; by default the one that ships. */
  readonly dataPlaneEntry?: string;
  /** Options for its node, such as a loader; by default those of this process. */
  readonly dataPlaneExecArgv?: readonly string[];
  /** Leave a data plane that the run started running, without faults. */
  readonly keepProxy?: boolean;
  /** A data plane that the run started ends by itself a minute after this process, should that die. */
  readonly ephemeral?: boolean;
  /** Each event of the journal as it comes. */
  readonly onEvent?: (event: JournalEvent) => void;
  /** Receives what a person must hear at once; by default stderr. */
  readonly warn?: (line: string) => void;
  readonly clock?: Clock;
  /** How the run's time relates to that of what it plays, for the report. */
  readonly timeScale?: string;
  /** Who starts it, for the record. */
  readonly startedBy?: string;
  /** Who has approved this plan. */
  readonly approvals?: readonly string[];
  /** Asked before each step, once its gate is passed: whether it may begin. After a moment without an answer the faults of the step before are taken back. */
  readonly beforeStep?: BeforeStep;
  /** Instead of the real ones. */
  readonly ports?: RunPorts;
  readonly writeJournal?: WriteLines;
}

export interface RunResult {
  readonly verdict: Verdict;
  readonly exit: ExitCode;
  /** Why, with the figures. */
  readonly sentence: string;
  /** The run's folder, with its journal. */
  readonly folder: string;
  /** Why lines of the journal could not be written; empty as a rule. */
  readonly journalFailures: readonly string[];
  /** Runs whose controller had died and that were ended before this one began; their reports are the caller's too. */
  readonly recovered: readonly RecoveredRun[];
}

/** How long the last line may take to reach the disk. */
const LAST_LINE_MS = 5000;

/**
 * Runs an experiment to its verdict. What a user can cause (a refusal, an unhealthy baseline, a breach, Ctrl-C, a data plane
 * that dies) is in the result. Reports are the caller's to write.
 * @throws FaultlineError RUN_NOT_RECORDED when no run folder can be made; then nothing was touched
 */
export async function runExperiment(options: RunOptions): Promise<RunResult> {
  const { plan, limits, cwd, environment, signal, clock = systemClock } = options;
  const ports = options.ports ?? systemPorts(options);
  const warn = options.warn ?? ((line: string) => process.stderr.write(`${line}\n`));
  const folder = makeFolder(cwd, plan.name, clock);
  const latch = createStopLatch();
  const journal = openJournal({
    folder,
    clock,
    ...(options.writeJournal ? { write: options.writeJournal } : {}),
    redact: redactor(environment, limits.env),
    onFailure(reason) {
      warn(`the journal in ${folder} cannot be written: ${reason}`);
      // A run that leaves no record shows nothing.
      latch.request('error', `the journal cannot be written: ${reason}`);
    },
  });
  if (options.onEvent) journal.subscribe(options.onEvent);
  const record = (body: JournalBody) => void journal.append(body, { sync: false });
  const unfollow = followSignal(latch, signal);
  const id = runOf(folder);
  const recovered: RecoveredRun[] = [];
  const { version = '', startedBy, timeScale, keepProxy = false, approvals = [] } = options;
  try {
    await journal.append(
      {
        type: 'run-started',
        run: id,
        plan: recordable(plan),
        version,
        owner: ports.owner(),
        ...(startedBy === undefined ? {} : { by: startedBy }),
        ...(timeScale === undefined ? {} : { timeScale }),
        limits: recordableLimits(limits, approvals),
      },
      { sync: true },
    );
    const run = {
      id,
      plan,
      limits,
      cwd,
      environment,
      clock,
      journal,
      latch,
      ports,
      signal,
      keepProxy,
      approvals,
      beforeStep: options.beforeStep,
      recovered,
    };
    await perform({ ...run, record });
  } catch (error) {
    record({
      type: 'gate-refused',
      gate: 'journal',
      reason: `the run cannot be recorded: ${reasonOf(error)}`,
    });
  } finally {
    unfollow();
  }
  return end(journal, recovered);
}

/** The verdict stands even where it cannot be written down. */
async function end(journal: Journal, recovered: readonly RecoveredRun[]): Promise<RunResult> {
  const judgement = judge(journal.events);
  // A disk that hangs is given up by `close`; why is in the failures.
  journal.append({ type: 'run-ended', ...judgement }, { sync: true }).catch(() => {});
  await journal.close(LAST_LINE_MS);
  return { ...judgement, folder: journal.folder, journalFailures: journal.failures, recovered };
}

function makeFolder(cwd: string, name: string, clock: Clock): string {
  const runs = runsFolder(cwd);
  try {
    return createRunFolder(runs, name, clock.wall());
  } catch (error) {
    throw new FaultlineError('RUN_NOT_RECORDED', { folder: runs, reason: reasonOf(error) });
  }
}
