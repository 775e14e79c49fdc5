import type { JournalEvent } from './journal.ts';
import type { Verdict } from './verdict.ts';

/** An experiment that a control plane may start by its name. */
export interface KnownExperiment {
  readonly name: string;
  readonly title: string;
  /** Path of its file, from the folder of the experiments. */
  readonly file: string;
  readonly tags: readonly string[];
  readonly steps: readonly string[];
  /** Why it cannot be started: what is wrong with the file, as `file:line:column: sentence`. */
  readonly problems: readonly string[];
}

export interface LaunchOrder {
  /** Name of a known experiment. */
  readonly experiment: string;
  /** Who starts it: a person, or `schedule NAME`. */
  readonly by: string;
  readonly approvedBy?: readonly string[];
  /** Asked before each step: resolves when the step may begin, or says that it is left out. */
  readonly beforeStep?: (step: { readonly index: number; readonly name: string }) => Promise<'play' | 'skip'>;
}

export interface LaunchEnd {
  readonly verdict: Verdict;
  readonly exit: number;
  readonly sentence: string;
}

/** A run that is under way in a process of its own. */
export interface LaunchedRun {
  readonly id: string;
  /** Folder of the run's journal and reports. */
  readonly folder: string;
  /** Calls `listener` for every event so far and to come; the answer ends that. */
  follow(listener: (event: JournalEvent) => void): () => void;
  /** Ends the run by its rollback. */
  stop(reason: string, by: string): void;
  readonly ended: Promise<LaunchEnd>;
}

/** What starts runs, for schedules, game days and the API alike. */
export interface Launcher {
  experiments(): Promise<readonly KnownExperiment[]>;
  /**
   * Starts a run; resolves once it has an id.
   * @throws FaultlineError or FaultlineErrors when it is refused before that: unknown experiment, wrong file, kill switch, another run
   */
  start(order: LaunchOrder): Promise<LaunchedRun>;
  /** Runs that this control plane has started and that have not ended. */
  running(): readonly LaunchedRun[];
}
