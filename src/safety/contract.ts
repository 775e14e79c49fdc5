import type { ErrorCode } from '../core/errors.ts';
import type { Measure } from '../core/expectation.ts';
import type { EvidenceFigure, JudgedTest, ProbeWindow } from '../core/journal.ts';
import type { AbortRule } from '../core/limits.ts';
import type { Sample } from '../core/ports.ts';

/** Measures every probe at its own pace and keeps what was seen. */
export interface HealthWatch {
  start(): void;
  /** Ends measuring, cancels what is under way, closes the probes. */
  stop(): Promise<void>;
  /** Each sample as it ends; the answer ends it. */
  onSample(listener: (sample: Sample) => void): () => void;
  /** The probe's window that ends at `at` (default: now), reaching back no further than `since`. */
  window(probe: string, at?: number, since?: number): ProbeWindow;
  /** Every probe's window. */
  windows(at?: number, since?: number): readonly ProbeWindow[];
  /** Probes whose newest sample is older than `every + timeout + 1 s`. */
  missing(): readonly { readonly probe: string; readonly ageMs: number }[];
  /** Takes all samples since `since` as the baseline and judges them. */
  takeBaseline(since: number): Baseline;
}

export interface Baseline {
  readonly healthy: boolean;
  /** Why not, in a sentence with the probe and its figures. */
  readonly reason?: string;
  readonly windows: readonly ProbeWindow[];
  /** All samples, by probe, in the order in which they ended. */
  readonly samples?: ReadonlyMap<string, readonly Sample[]>;
}

export type MonitorEvent =
  | {
      readonly kind: 'breach';
      readonly rule: AbortRule;
      readonly probe: string;
      readonly value: number;
      readonly baseline: number;
      readonly text: string;
    }
  | { readonly kind: 'missing'; readonly probe: string; readonly ageMs: number }
  /** Renewing the lease failed, or the data plane is another one or gone. */
  | { readonly kind: 'monitor-loss'; readonly reason: string; readonly code?: ErrorCode }
  | {
      readonly kind: 'left-baseline';
      readonly probe: string;
      readonly expectation: string;
      readonly measure: Measure;
      readonly value: number;
      readonly baseline: number;
    }
  | { readonly kind: 'judging'; readonly probe: string; readonly tests: readonly JudgedTest[] }
  | ({ readonly kind: 'evidence' } & EvidenceFigure)
  | { readonly kind: 'returned'; readonly probe: string; readonly expectation: string };

/** Judges health while faults are in force and keeps the lease alive only on fresh evidence. */
export interface SafetyMonitor {
  /** From the first fault on. */
  start(): void;
  /** After this no event comes and nothing is renewed. */
  stop(): void;
  /** `breach`, `missing` and `monitor-loss` come at most once, and then nothing is renewed any more. */
  onEvent(listener: (event: MonitorEvent) => void): () => void;
}
