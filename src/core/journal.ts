import type { Expectation, Measure } from './expectation.ts';
import type { CountedFault, FaultSpec } from './fault.ts';
import type { AbortRule, BoundName, RecordedLimits } from './limits.ts';
import type { Observation } from './observation.ts';
import type { Plan } from './plan.ts';
import type { Sample } from './ports.ts';
import type { Verdict } from './verdict.ts';

export const JOURNAL_VERSION = 1;

/** What the load saw of the target, over its whole time. */
export interface LoadSummary {
  /** Requests that came to an end: answered, broken or timed out. Those under way at the stop are in no count. */
  readonly requests: number;
  /** Broken before an answer: no connection, or one that ended. */
  readonly errors: number;
  /** Without an answer for ten seconds. */
  readonly timeouts: number;
  /** Answers with another status than 2xx. */
  readonly non2xx: number;
  /** Of the answered ones, ms to the end of the answer, by nearest rank; 0 for none. */
  readonly p50: number;
  readonly p99: number;
  /** More than that, where the load is traffic with stages and scenarios. */
  readonly traffic?: TrafficSummary;
}

/**
 * What traffic came to, over a span of it. Latencies count from the intended start: for an open rate the moment at which the
 * request was due, however long it then waited for a free connection. Those timed out are among them with the time they took.
 */
export interface TrafficFigures {
  readonly requests: number;
  /** Broken, timed out, or answered otherwise than its check asks. */
  readonly failed: number;
  /** As a share of the requests; null for none. */
  readonly errorRate: number | null;
  /** Right answers a second. */
  readonly throughput: number;
  /** ms, by nearest rank; null for none. */
  readonly p50: number | null;
  readonly p95: number | null;
  readonly p99: number | null;
  readonly max: number | null;
}

export interface TrafficSummary {
  readonly profile: string;
  readonly durationMs: number;
  readonly total: TrafficFigures;
  /** By name. */
  readonly scenarios: Readonly<Record<string, TrafficFigures>>;
  readonly stages: Readonly<Record<string, TrafficFigures>>;
  /** Answers that came, and were not what the check asks. */
  readonly wrong: number;
  /** Without an answer at the end, and how long the oldest of them had waited. */
  readonly underWay: { readonly requests: number; readonly oldestMs: number };
  readonly windowMs: number;
  /** One after the other, by intended start; those without any request are left out. */
  readonly windows: readonly TrafficWindow[];
}

export interface TrafficWindow extends Omit<TrafficFigures, 'errorRate' | 'throughput'> {
  /** Its beginning, ms after that of the load. */
  readonly at: number;
  /** Users, or rate, that were asked for at its beginning. */
  readonly level: number;
}

/** What one window of a probe says. */
export interface ProbeWindow {
  readonly probe: string;
  readonly samples: number;
  /** When the first sample of the window began, monotonic ms of the controller. */
  readonly from?: number;
  /** False while an expectation has too few samples to be judged; such a window has not held. */
  readonly judged?: boolean;
  /** NaN is written as null. */
  readonly measures: Partial<Record<Measure, number | null>>;
  readonly missed: readonly Pick<Expectation, 'text' | 'measure'>[];
}

/** A measure of a probe, held against its baseline by a sequential test. */
export interface JudgedTest {
  readonly measure: 'errorRate' | 'p50' | 'p95';
  /** Of the baseline: those that failed, or that took longer than the percentile. */
  readonly bad: number;
  readonly samples: number;
  /** Consecutive samples that count as one independent look. */
  readonly looks: number;
  /** A sample is bad when it took longer; absent where it is bad when it failed. */
  readonly slowerThanMs?: number;
  /** Rate of bad samples that is not an abort, at the baseline's rate. */
  readonly tolerated: number;
  /** Evidence at which the run is aborted. */
  readonly threshold: number;
  /** Samples that the baseline would need; null: no number would do. Absent where the test is judged. */
  readonly needs?: number | null;
}

export interface EvidenceFigure extends Pick<JudgedTest, 'measure' | 'threshold'> {
  readonly probe: string;
  readonly evidence: number;
  /** Samples since the first fault. */
  readonly samples: number;
}

export interface CanaryProof {
  readonly proxy: string;
  /** What was sent: `connect`, `SSLRequest`, `PING`, `GET /`. */
  readonly canary: string;
  /** What came through the proxy and straight from the upstream, by kind and without content: `200`, `N`, `PONG`, `ECONNREFUSED`. */
  readonly through: string;
  readonly direct: string;
  readonly same: boolean;
}

/** What one of several drivers says after a rollback. */
export interface DriverProof {
  readonly driver: string;
  readonly empty: boolean;
  /** Units held or delayed; null where it cannot tell. */
  readonly held: number | null;
  /** Why it cannot be told what is left. */
  readonly reason?: string;
  /** What else there is to know, such as that its target has ended. */
  readonly remark?: string;
}

export interface RollbackProof {
  readonly proven: boolean;
  readonly empty: boolean;
  /** Units held or delayed; null where a driver cannot tell, and the empty set and the canaries alone are the proof. */
  readonly held: number | null;
  readonly canaries: readonly CanaryProof[];
  /** Driver by driver, where there are several. */
  readonly drivers?: readonly DriverProof[];
  /** What no rollback can undo: "12 connections were closed by kill". */
  readonly notUndone: readonly string[];
  /** Why it is not proven. */
  readonly reason?: string;
}

export const ROLLBACK_CAUSES = [
  'finished',
  'breach',
  'missing',
  'monitor-loss',
  'halt',
  'signal',
  'stop-file',
  'gate',
  'error',
  'interrupted',
] as const;
export type RollbackCause = (typeof ROLLBACK_CAUSES)[number];

/** What a run records, by type. Acts that add or change faults are synced to the disk before they happen. */
export type JournalBody =
  | {
      readonly type: 'run-started';
      readonly run: string;
      readonly plan: Plan;
      readonly version: string;
      readonly owner: Owner;
      /** Who started it, where that is known: a person, or `schedule NAME`. */
      readonly by?: string;
      readonly timeScale?: string;
      readonly limits?: RecordedLimits;
    }
  | { readonly type: 'gate-passed'; readonly gate: string; readonly detail: string }
  | { readonly type: 'gate-refused'; readonly gate: string; readonly reason: string }
  | {
      readonly type: 'data-plane';
      readonly control: string;
      readonly instance: string;
      readonly pid?: number;
      readonly startTime?: string;
      readonly adopted: boolean;
      /** It is left running when the run is over. */
      readonly kept?: boolean;
      readonly proxies: Readonly<Record<string, string>>;
    }
  | { readonly type: 'baseline-started' }
  | {
      readonly type: 'baseline';
      readonly windows: readonly ProbeWindow[];
      readonly healthy: boolean;
      readonly reason?: string;
    }
  | { readonly type: 'sample'; readonly sample: Sample }
  | { readonly type: 'observation'; readonly observation: Observation }
  | {
      readonly type: 'step-gate';
      readonly step: number;
      readonly outcome: 'waiting' | 'reached' | 'not-reached';
      readonly waitedMs?: number;
    }
  /** Whoever started the run holds this step back; meanwhile the faults of the one before are taken back. */
  | {
      readonly type: 'step-held';
      readonly step: number;
      readonly outcome: 'waiting' | 'released';
      readonly waitedMs?: number;
    }
  /** Whoever started the run left this step out. */
  | { readonly type: 'step-skipped'; readonly step: number }
  | {
      readonly type: 'step-intended';
      readonly step: number;
      readonly name: string;
      readonly epoch: number;
      readonly faults: readonly FaultSpec[];
      /** How long they live without being renewed, ms. */
      readonly leaseMs?: number;
    }
  | {
      readonly type: 'step-applied';
      readonly step: number;
      readonly epoch: number;
      readonly previous?: readonly CountedFault[];
    }
  | { readonly type: 'renewed'; readonly epoch: number; readonly faults: readonly CountedFault[] }
  | {
      readonly type: 'step-ended';
      readonly step: number;
      readonly counts: readonly CountedFault[];
      readonly injectedMet: boolean;
    }
  /** A try of a search is over: whether all expectations held through it. */
  | {
      readonly type: 'search-try';
      readonly step: number;
      readonly search: string;
      readonly attribute: string;
      readonly value: number;
      readonly good: boolean;
      /** What was missed: `read: p95 < 300ms`. */
      readonly missed?: string;
    }
  /** A search has its answer; null where no value was good, or none was bad. */
  | {
      readonly type: 'search-ended';
      readonly search: string;
      readonly attribute: string;
      readonly lastGood: number | null;
      readonly firstBad: number | null;
    }
  | {
      readonly type: 'left-baseline';
      readonly probe: string;
      readonly expectation: string;
      readonly value: number | null;
      readonly baseline: number | null;
    }
  | { readonly type: 'returned'; readonly probe: string; readonly expectation: string }
  /** Once for each probe, at the first fault. */
  | { readonly type: 'judging'; readonly probe: string; readonly tests: readonly JudgedTest[] }
  /** Each time that evidence of a degradation first passes a power of ten. */
  | ({ readonly type: 'evidence' } & EvidenceFigure)
  | {
      readonly type: 'breach';
      readonly rule: AbortRule;
      readonly probe: string;
      readonly value: number | null;
      readonly baseline: number | null;
      readonly text: string;
    }
  | {
      /** A limit on what the data plane observes was passed: what retries cost, or how much traffic faults touch. */
      readonly type: 'bound-breached';
      readonly limit: BoundName;
      readonly proxy?: string;
      readonly value: number;
      readonly bound: number;
      readonly text: string;
    }
  | {
      readonly type: 'missing';
      readonly probe: string;
      readonly ageMs: number;
      /** What `onMissing` asks for; `abort` where it is not said. */
      readonly leadsTo?: 'abort' | 'inconclusive';
    }
  | {
      readonly type: 'rollback-started';
      readonly cause: RollbackCause;
      readonly reason: string;
      /** Who threw the kill switch, where that is known. */
      readonly by?: string;
    }
  | {
      readonly type: 'rollback-emptied';
      readonly tookMs: number;
      readonly previous?: readonly CountedFault[];
    }
  | { readonly type: 'rollback-proof'; readonly proof: RollbackProof; readonly tookMs: number }
  | {
      readonly type: 'recovery';
      readonly recovered: boolean;
      readonly afterMs: number | null;
      readonly windows: readonly ProbeWindow[];
    }
  | ({
      readonly type: 'load';
      /** The step whose own load it is; absent for that of the run. */
      readonly step?: number;
    } & LoadSummary)
  | { readonly type: 'note'; readonly text: string }
  | {
      readonly type: 'run-ended';
      readonly verdict: Verdict;
      readonly exit: number;
      readonly sentence: string;
      readonly interrupted?: boolean;
    };

export type JournalType = JournalBody['type'];

/** Who writes a journal; gone when no process with this pid and start time lives on this boot. */
export interface Owner {
  readonly pid: number;
  /** Start time of the process in clock ticks since boot, from `/proc/PID/stat`; empty where there is none. */
  readonly startTime: string;
  /** `/proc/sys/kernel/random/boot_id`; empty where there is none. */
  readonly bootId: string;
  /** Name of its machine, since several may share a folder. */
  readonly host?: string;
}

/** One line of `journal.jsonl`. */
export type JournalEvent = JournalBody & {
  readonly v: typeof JOURNAL_VERSION;
  /** Counts from 1. */
  readonly n: number;
  /** Wall clock, RFC 3339 with milliseconds. */
  readonly t: string;
  /** Monotonic ms since the run began. */
  readonly mono: number;
};

export type JournalEventOf<T extends JournalType> = Extract<JournalEvent, { type: T }>;
