import type { Measure } from '../core/expectation.ts';
import type { CanaryProof, DriverProof, LoadSummary, RollbackCause } from '../core/journal.ts';
import type { LoadStage } from '../core/plan.ts';
import type { Protocol } from '../core/protocol.ts';
import type { Verdict } from '../core/verdict.ts';
import type { Learned, Lesson } from '../lessons/index.ts';
import type { JudgedThreshold } from '../load/thresholds.ts';
import type { ActionItem, Availability, BreakingPoint, ClientRow, Impact, Trend } from './findings.ts';

/**
 * What a run comes to: all that any report says, and `report.json` as it is. Times named `s` are seconds since the first fault
 * (since the start of a run that injected nothing), latencies are ms, shares run from 0 to 1; null stands for unknown.
 */
export interface Summary {
  readonly version: 1;
  readonly run: RunFacts;
  readonly verdict: VerdictFacts;
  /** What happened, for anybody. */
  readonly story: readonly Chapter[];
  readonly times: Times;
  readonly hypothesis: HypothesisFacts;
  readonly steps: readonly StepFacts[];
  readonly cascade: CascadeFacts;
  readonly lessons: readonly Lesson[];
  readonly notFound: Learned['notFound'];
  readonly notAssessed: Learned['notAssessed'];
  readonly actions: readonly ActionItem[];
  readonly breaking: readonly BreakingPoint[];
  /** Null where nothing was injected. */
  readonly impact: Impact | null;
  readonly availability: Availability;
  /** Empty where the journal shows no clients. */
  readonly clients: readonly ClientRow[];
  /** Null where no earlier run of the experiment is known. */
  readonly trend: Trend | null;
  readonly probes: readonly ProbeSeries[];
  readonly injection: readonly InjectionRow[];
  readonly traffic: readonly ProxyTraffic[];
  readonly rollback: RollbackFacts | null;
  readonly limits: readonly LimitRow[];
  readonly safety: SafetyFacts | null;
  /** Of the run, then those of steps. */
  readonly loads: readonly LoadFacts[];
  readonly gates: readonly GateRow[];
  readonly timeline: readonly TimelineEntry[];
  readonly environment: EnvironmentFacts;
  readonly experiment: { readonly file: string; readonly hash: string; readonly text: string };
}

export interface Chapter {
  readonly heading: string;
  readonly text: string;
}

export interface RunFacts {
  readonly id: string;
  readonly name: string;
  readonly title: string;
  readonly tags: readonly string[];
  /** RFC 3339. */
  readonly startedAt: string | null;
  readonly endedAt: string | null;
  readonly durationMs: number;
  /** What seconds count from. */
  readonly zero: 'first fault' | 'start of the run';
  /** Span of all that happened, s. */
  readonly from: number;
  readonly to: number;
}

/** Shown as one word; `refused` before anything was injected, `unfinished` when the journal has no end. */
export type Outcome = Verdict | 'refused' | 'unfinished';

export interface VerdictFacts {
  readonly outcome: Outcome;
  readonly exit: number | null;
  /** One sentence for a reader in a hurry. */
  readonly headline: string;
  /** The run's own sentence, with its figures. */
  readonly sentence: string;
  readonly interrupted: boolean;
  readonly rollbackProven: boolean | null;
}

export interface Times {
  /** First fault to breach. */
  readonly detectMs: number | null;
  /** First fault to the first probe that left its baseline. */
  readonly firstSignMs: number | null;
  /** Breach (or another cause) to the empty fault set. */
  readonly rollBackMs: number | null;
  /** The same to the proof that nothing is left. */
  readonly proveMs: number | null;
  /** Empty fault set to the first window in which all expectations held. */
  readonly recoverMs: number | null;
  readonly recoverWithinMs: number | null;
  readonly recovered: boolean | null;
}

export interface HypothesisFacts {
  readonly text: string;
  readonly outcome: 'held' | 'missed' | 'not tested';
  readonly expectations: readonly ExpectationRow[];
}

export interface ExpectationRow {
  readonly probe: string;
  readonly kind: string;
  readonly expectation: string;
  readonly measure: Measure;
  readonly baseline: number | null;
  readonly worst: number | null;
  readonly worstS: number | null;
  readonly after: number | null;
  /** When it was first missed. */
  readonly missedS: number | null;
  /** `in errorRate`: some samples missed it, and the probe's errorRate judges how many may. */
  readonly outcome: 'held' | 'missed' | 'in errorRate' | 'not judged';
}

export interface StepFacts {
  readonly number: number;
  readonly name: string;
  readonly fromS: number | null;
  readonly toS: number | null;
  readonly outcome: 'completed' | 'cut short' | 'left out' | 'not reached';
  readonly faults: readonly string[];
}

export interface Span {
  readonly from: number;
  /** Null where it had not ended when the run did. */
  readonly to: number | null;
}

export interface CascadeFacts {
  /** What had faults: proxies of the data plane by name, all else by its place. */
  readonly faulted: readonly { readonly proxy: string; readonly spans: readonly Span[] }[];
  /** Dependencies without a fault, and what became of their traffic. */
  readonly suffered: readonly { readonly proxy: string; readonly change: string }[];
  readonly unharmed: readonly string[];
  /** In the order in which they left their baseline. */
  readonly left: readonly CascadeRow[];
  readonly stayed: readonly string[];
}

export interface CascadeRow {
  readonly probe: string;
  readonly leftS: number;
  readonly returnedS: number | null;
  readonly expectation: string;
  readonly value: number | null;
  readonly baseline: number | null;
  readonly spans: readonly Span[];
  /** Spans in which most samples gave users nothing. */
  readonly down: readonly Span[];
}

export type Point = readonly [s: number, value: number];

export interface ProbeSeries {
  readonly probe: string;
  readonly kind: string;
  readonly shows: 'latency' | 'value';
  /** Good samples. */
  readonly samples: readonly Point[];
  /** Samples that failed: latency (or last known value) at which they did. */
  readonly failed: readonly Point[];
  /** p95 over the probe's window, or the value. */
  readonly line: readonly Point[];
  /** Share of failed samples over the probe's window. */
  readonly errorRate: readonly Point[];
  /** Upper bounds that the line was expected to keep. */
  readonly bound: number | null;
  readonly total: number;
  readonly totalFailed: number;
}

export interface InjectionRow {
  readonly step: number;
  readonly stepName: string;
  readonly id: string;
  readonly type: string;
  readonly proxy: string;
  /** What it acts on: `redis`, or `lab/redis` for a proxy of another driver, or the name of a driver without proxies. */
  readonly place: string;
  readonly sentence: string;
  readonly toxicity: string;
  readonly matched: number;
  readonly injected: number;
  /** False where nobody counts: then `matched` and `injected` are 0 and say nothing. */
  readonly counted: boolean;
  readonly share: number | null;
  readonly skipped: Readonly<Record<string, number>>;
  readonly met: boolean | null;
}

export interface TrafficSpan {
  readonly unitsPerSecond: number | null;
  readonly bytesPerSecond: number | null;
  readonly organicErrors: number;
  readonly organicOk: number;
  readonly injected: number;
}

export interface ProxyTraffic {
  readonly proxy: string;
  readonly protocol: Protocol | null;
  readonly faulted: boolean;
  /** What the series is drawn by: bytes where nearly no answers are counted, as where only connections are seen. */
  readonly shows: 'answers' | 'bytes';
  readonly before: TrafficSpan;
  readonly during: TrafficSpan;
  readonly after: TrafficSpan;
  readonly statuses: readonly {
    readonly status: string;
    readonly error: boolean;
    readonly organic: number;
    readonly injected: number;
  }[];
  /** Per second. */
  readonly series: readonly {
    readonly s: number;
    readonly organicOk: number;
    readonly organicErrors: number;
    readonly injected: number;
    readonly bytes: number;
  }[];
  /** Width of the series' bins, s. */
  readonly binS: number;
}

export interface RollbackFacts {
  readonly cause: RollbackCause;
  readonly reason: string;
  /** Who threw the kill switch; null where nobody did or nobody knows. */
  readonly by: string | null;
  readonly startedS: number;
  readonly emptiedS: number | null;
  readonly provenS: number | null;
  readonly proven: boolean;
  readonly empty: boolean | null;
  readonly held: number | null;
  readonly canaries: readonly CanaryProof[];
  /** Driver by driver; empty where the data plane was alone. */
  readonly drivers: readonly DriverProof[];
  readonly notUndone: readonly string[];
  readonly whyNotProven: string | null;
}

export interface LimitRow {
  readonly rule: string;
  readonly watches: string;
  readonly source: string;
  /** The probe that came nearest. */
  readonly nearest: string;
  readonly measure: Measure;
  readonly worst: number | null;
  readonly used: number;
  readonly breached: boolean;
  readonly sentence: string;
}

/** What bounded the run beside its probes. */
export interface SafetyFacts {
  /** Null for the built-in limits. */
  readonly file: string | null;
  readonly environment: string;
  readonly approvedBy: readonly string[];
  /** Names of headers, and clients; `spared`: units that faults left alone for them. */
  readonly exempt: {
    readonly headers: readonly string[];
    readonly clients: readonly string[];
    readonly spared: number;
  };
  /** Empty where nothing was injected. */
  readonly bounds: readonly BoundRow[];
}

export interface BoundRow {
  /** Its key in the file: `reach.toxicity`. */
  readonly limit: string;
  /** How far the run went, with its unit. */
  readonly reached: string;
  readonly bound: string;
  readonly used: number;
  readonly breached: boolean;
  /** What the figure is, or what it stands on. */
  readonly sentence: string;
}

export interface LoadFacts {
  /** The step whose own load it is, from 1; null for that of the run. */
  readonly step: number | null;
  readonly stepName: string | null;
  /** What was sent, in a sentence. */
  readonly sentence: string;
  /** Of traffic; empty for a steady load. */
  readonly stages: readonly LoadStage[];
  /** Null where it did not say what it saw. */
  readonly seen: LoadSummary | null;
  readonly thresholds: readonly JudgedThreshold[];
}

export interface GateRow {
  readonly gate: string;
  readonly passed: boolean;
  readonly detail: string;
}

export type Tone = 'plain' | 'fault' | 'bad' | 'good';

export interface TimelineEntry {
  readonly t: string;
  readonly s: number;
  readonly tone: Tone;
  readonly text: string;
}

export interface EnvironmentFacts {
  readonly version: string | null;
  readonly timeScale: string | null;
  readonly seed: number | null;
  readonly control: string | null;
  readonly dataPlane: string | null;
  readonly proxies: readonly {
    readonly name: string;
    readonly protocol: string;
    readonly listen: string;
    readonly upstream: string;
  }[];
  readonly baselineMs: number | null;
  readonly events: number;
}
