import type { Verdict } from '../../src/core/verdict.ts';
import type { Severity } from '../../src/lessons/contract.ts';

/** An experiment that ships, against one build of the sandbox. */
export interface Case {
  /** Name of a file in `experiments`, without its ending. */
  readonly experiment: string;
  /** Patterns that are on: `none`, `all`, `all,-breaker`. */
  readonly resilience: string;
  /** Instead of the file's own. */
  readonly seed?: number;
  /** Factor on how long steps last and recovery may take, 1 as a rule. */
  readonly pace?: number;
}

/** What a case came to. */
export interface Outcome {
  readonly verdict: Verdict;
  readonly exit: number;
  readonly sentence: string;
  /** The run's folder, with its journal and reports. */
  readonly folder: string;
  readonly rollbackProven: boolean;
  /** Share of good answers to users while faults were in force; null where no probe stands for users. */
  readonly availability: number | null;
  /** From the empty fault set to health; null when it did not come back. */
  readonly recoverMs: number | null;
  readonly lessons: readonly { readonly id: string; readonly severity: Severity; readonly claim: string }[];
  readonly notAssessed: readonly { readonly id: string; readonly why: string }[];
}

/** A name for folders and lines: `stream-stall all,-timeouts 2`. */
export function nameOf({ experiment, resilience, seed }: Case): string {
  return [experiment, resilience, seed].filter((part) => part !== undefined).join(' ');
}
