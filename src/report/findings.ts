import type { Severity } from '../lessons/contract.ts';
import type { Outcome } from './summary.ts';

/** Share of samples that were good; null where there was none. */
export interface Availability {
  /** Of all probes, while faults were in force. */
  readonly overall: number | null;
  readonly probes: readonly {
    readonly probe: string;
    readonly before: number | null;
    readonly during: number | null;
    readonly after: number | null;
  }[];
}

/** How far the system could be pushed: by the steps of the experiment, or by a search in one of them. */
export interface BreakingPoint {
  readonly by: 'steps' | 'search';
  /** One sentence with the figures. */
  readonly sentence: string;
  readonly lastGood: BreakingEnd | null;
  readonly firstBad: BreakingEnd | null;
  /** Of a search, in the order in which they were made. */
  readonly tries: readonly TryRow[];
}

export interface BreakingEnd {
  /** From 1, as the steps are counted. */
  readonly step: number;
  readonly name: string;
  /** What was turned, with its unit: `latency 1.4 s`; null where nothing was, or more than one thing. */
  readonly value: string | null;
}

export interface TryRow {
  readonly step: number;
  readonly value: string;
  readonly outcome: 'held' | 'missed' | 'stopped by safety' | 'not finished';
  readonly missed: string | null;
}

/** What users had to bear. */
export interface Impact {
  readonly rows: readonly ImpactRow[];
  /** Requests that came to nothing, and where they were counted; null where nobody counts requests. */
  readonly requestsLost: { readonly lost: number; readonly of: number; readonly from: string } | null;
  readonly budgets: readonly ErrorBudget[];
}

export interface ImpactRow {
  readonly who: string;
  readonly figure: string;
  readonly basis: 'measured' | 'estimated';
  /** What the figure stands on. */
  readonly how: string;
}

export interface ErrorBudget {
  readonly probe: string;
  /** Share of samples that may not fail. */
  readonly slo: number;
  /** Failed share of the time from the first fault to the end of the run, in minutes. */
  readonly spentMinutes: number;
  /** What thirty days allow. */
  readonly budgetMinutes: number;
}

/** What the clients of one proxy did about failures in one step. */
export interface ClientRow {
  readonly proxy: string;
  /** From 1. */
  readonly step: number;
  readonly stepName: string;
  readonly calls: number;
  readonly failed: number;
  /** Share of failed calls that the same call followed; null where none failed. */
  readonly retriesPerFailure: number | null;
  /** Median pause before that, ms: after the first failure of a call, its second, and all later ones. */
  readonly backoffMs: readonly [first: number | null, second: number | null, later: number | null];
  /** Most times that one call was made in a row. */
  readonly longestChain: number;
  readonly retryAfter: { readonly told: number; readonly kept: number; readonly early: number };
  /** Calls that clients gave up, and their median age then, ms. */
  readonly abandoned: number;
  readonly abandonedAfterMs: number | null;
  readonly truncated: number;
  /** Users who went on being served while most calls failed, and how long they waited. */
  readonly fallback: readonly { readonly probe: string; readonly usualMs: number; readonly ms: number }[];
}

export interface ActionItem {
  readonly severity: Exclude<Severity, 'good'>;
  readonly action: string;
  readonly because: string;
  readonly evidence: string;
  /** A command that shows whether it is mended. */
  readonly retest: string;
  readonly next: string | null;
}

/** One run of the experiment, as later ones look back on it. */
export interface PastRun {
  readonly run: string;
  /** RFC 3339. */
  readonly startedAt: string | null;
  readonly outcome: Outcome;
  readonly recoverMs: number | null;
  /** Overall, while faults were in force. */
  readonly availability: number | null;
  readonly lessons: number;
  /** SHA-256 of its file. */
  readonly hash: string;
}

export interface Trend {
  /** Oldest first; the last one is this run. */
  readonly runs: readonly (PastRun & { readonly sameFile: boolean })[];
  readonly sentence: string;
}
