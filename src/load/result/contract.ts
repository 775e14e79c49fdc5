import type { LoadSummary } from '../../core/journal.ts';
import type { LoadStage } from '../../core/plan.ts';
import type { ExitCode } from '../../core/verdict.ts';
import type { BreakingPoint } from '../breaking.ts';
import type { Comparison } from '../compare.ts';
import type { Resources } from '../resources/assess.ts';
import type { JudgedThreshold } from '../thresholds.ts';

export const RESULT_VERSION = 1;

/** What a load came to: `result.json`. */
export interface LoadResult {
  readonly v: typeof RESULT_VERSION;
  readonly id: string;
  /** RFC 3339. */
  readonly startedAt: string;
  readonly profile: string;
  /** With user info and query values masked. */
  readonly target: string;
  readonly timeScale: number;
  readonly seed: number;
  /** Equal for results of the same load. */
  readonly shape: string;
  readonly stages: readonly LoadStage[];
  readonly scenarios: readonly { readonly name: string; readonly share: number }[];
  readonly summary: LoadSummary & { readonly traffic: NonNullable<LoadSummary['traffic']> };
  readonly thresholds: readonly JudgedThreshold[];
  readonly breakingPoint: BreakingPoint | null;
  readonly resources: Resources;
  readonly comparison: Comparison | null;
  readonly verdict: 'held' | 'deviated' | 'inconclusive';
  readonly exit: ExitCode;
  /** Why the verdict is what it is. */
  readonly sentence: string;
}
