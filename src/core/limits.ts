import type { Measure, Operator } from './expectation.ts';
import type { Exempt } from './fault.ts';

/** `{ probe: read-workspace, errorRate: "> 20%", for: 5s }`: abort when the measure has been so for that long. */
export interface AbortRule {
  /** A probe's name, or `*` for each. */
  readonly probe: string;
  readonly measure: Measure;
  readonly operator: Operator;
  readonly bound: number;
  /** Bound is a factor of the baseline's value. */
  readonly relative: boolean;
  readonly forMs: number;
  /** As written: `errorRate > 20% for 5 s`. */
  readonly text: string;
  /** Where it stands. */
  readonly source: 'safety-limits' | 'experiment';
  /** Share of samples that may not fail: the rule is about how fast its error budget is spent. `bound` is the slowest rate that matters. */
  readonly slo?: number;
  /** Windows of a rule with `slo`, scaled to the run. */
  readonly burn?: readonly BurnWindow[];
}

/** Breached when the error budget is spent at this multiple of what the objective allows, over both windows. */
export interface BurnWindow {
  readonly rate: number;
  readonly longMs: number;
  readonly shortMs: number;
}

/** How far an experiment may go. */
export interface Reach {
  /** Highest toxicity of any fault, 0 to 1. */
  readonly toxicity: number;
  /** Proxies with a fault at once. */
  readonly proxies: number;
  /** Sum of delays that one unit can meet, ms. */
  readonly addedLatencyMs: number;
  /** All steps, gates included at their longest, ms. */
  readonly durationMs: number;
  readonly connections: number;
  readonly requestsPerSecond: number;
  readonly runs: number;
}

/** How much worse than its baseline a probe may be: factors, at least 1. */
export interface Tolerance {
  readonly errorRate: number;
  /** Of each latency. */
  readonly latency: number;
}

export interface MonitorLimits {
  /** Lease of the fault set, ms. */
  readonly leaseMs: number;
  /** Bound on the chance per run that a probe is wrongly found worse than its baseline; 0 where that is not judged. */
  readonly falseAbort: number;
  /** What does not count as worse; an experiment may only tighten it. */
  readonly tolerate: Tolerance;
  /** What a probe without a fresh sample leads to. */
  readonly onMissing: 'abort' | 'inconclusive';
  readonly onMonitorLoss: 'rollback';
}

/** `safety-limits.yaml`, read. */
export interface SafetyLimits {
  /** The file, or undefined when the built-in defaults hold. */
  readonly file?: string;
  readonly environment: { readonly name: string; readonly allowed: readonly string[] };
  readonly targets: { readonly allow: readonly string[]; readonly deny: readonly string[] };
  /** Names that `${NAME}` may expand. */
  readonly env: readonly string[];
  readonly reach: Reach;
  readonly exempt: Required<Exempt>;
  readonly abortWhen: readonly AbortRule[];
  readonly monitor: MonitorLimits;
  readonly windows: readonly OpenWindow[];
  readonly freezes: readonly Freeze[];
  /** What retries may cost. */
  readonly spend?: { readonly retryAmplification?: number; readonly extraRequests?: number };
  readonly approvals?: { readonly above: Partial<Reach>; readonly by: number };
  readonly stopFile: string;
}

export interface OpenWindow {
  /** `mon-fri`, `sat,sun`. */
  readonly days: string;
  /** `09:00`. */
  readonly from: string;
  readonly to: string;
  readonly zone: string;
}

export interface Freeze {
  /** First day, `2026-12-20`. */
  readonly from: string;
  /** Last day. */
  readonly to: string;
  readonly zone: string;
}

/** A limit that is held, during a run, against what the data plane observes. */
export const BOUND_NAMES = [
  'retryAmplification',
  'extraRequests',
  'connections',
  'requestsPerSecond',
] as const;
export type BoundName = (typeof BOUND_NAMES)[number];

/** What of the limits a run records. Of headers that exempt only the names: their values may be passwords. */
export interface RecordedLimits
  extends Pick<SafetyLimits, 'file' | 'environment' | 'reach' | 'spend' | 'approvals'> {
  readonly exempt: { readonly headers: readonly string[]; readonly clients: readonly string[] };
  /** Who has approved the run. */
  readonly approvedBy: readonly string[];
}
