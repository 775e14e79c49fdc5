import { seededUnit } from '../core/hash.ts';
import type { TrafficSummary } from '../core/journal.ts';
import { percentile } from '../core/statistics.ts';

/** One percentile, now and before. */
export interface ComparedLatency {
  readonly measure: 'p50' | 'p95' | 'p99';
  readonly before: number;
  readonly now: number;
  /** Now, as a factor of before. */
  readonly ratio: number;
  /** Where that factor lies, by windows of the same moment, with 99% confidence. */
  readonly interval: readonly [number, number];
  readonly windows: number;
  readonly verdict: 'worse' | 'better' | 'same' | 'noise';
}

export interface Comparison {
  /** The earlier result. */
  readonly with: string;
  readonly latencies: readonly ComparedLatency[];
  readonly throughput: { readonly before: number; readonly now: number };
  readonly errorRate: { readonly before: number | null; readonly now: number | null };
  /** Whether p95 has got worse by more than a tenth, and not by chance. */
  readonly regression: boolean;
  /** Why it cannot be told, in a sentence without a full stop. */
  readonly notAssessed?: string;
}

/** What of a result is compared. */
export interface Comparable {
  readonly id: string;
  /** Equal for results of the same load: stages, pauses, scenarios, and how they were scaled. */
  readonly shape: string;
  readonly summary: TrafficSummary;
}

/** A change by less than that is none. */
const MATTERS = 0.1;
const PAIRS_NEEDED = 10;
const RESAMPLES = 2000;

/**
 * Compares two results of the same load. A percentile is worse when it is more than 10% above the earlier one and that is
 * not noise: windows that began at the same moment of both loads are paired, so that what stages do to latencies cancels
 * out; of the logarithms of their ratios rᵢ = ln(nowᵢ / beforeᵢ) the mean is taken, and its 99% interval by the moving block
 * bootstrap (H. R. Künsch, The Annals of Statistics 17, 1989; percentile interval): blocks of ⌈n^⅓⌉ neighbouring windows are
 * drawn with replacement until there are n, 2000 times, since neighbouring windows resemble each other and drawing them one
 * by one would take that for certainty. Worse: the whole interval lies above 1. On equal loads of 40 windows whose p95 differs
 * by chance that is said in about 2 of 100, and in 6 where neighbours resemble each other much (AR(1) of 0.6). The draws are
 * seeded: the same two results always compare alike.
 */
export function compareLoads(now: Comparable, before: Comparable, seed = 1): Comparison {
  const throughput = { before: before.summary.total.throughput, now: now.summary.total.throughput };
  const errorRate = { before: before.summary.total.errorRate, now: now.summary.total.errorRate };
  const base = { with: before.id, throughput, errorRate };
  const nothing = (notAssessed: string): Comparison => ({
    ...base,
    latencies: [],
    regression: false,
    notAssessed,
  });
  if (now.shape !== before.shape) {
    return nothing('the earlier result is of another load: its stages, scenarios, pauses or scale differ');
  }
  const latencies = (['p50', 'p95', 'p99'] as const).flatMap((measure) =>
    compareLatency(measure, now.summary, before.summary, seed),
  );
  const p95 = latencies.find(({ measure }) => measure === 'p95');
  if (!p95) return nothing(`fewer than ${PAIRS_NEEDED} windows of both have answers`);
  return { ...base, latencies, regression: p95.verdict === 'worse' };
}

function compareLatency(
  measure: ComparedLatency['measure'],
  now: TrafficSummary,
  before: TrafficSummary,
  seed: number,
): ComparedLatency[] {
  const [valueNow, valueBefore] = [now.total[measure], before.total[measure]];
  const earlier = new Map(before.windows.map((window) => [window.at, window[measure]]));
  const ratios = now.windows.flatMap((window) => {
    const [left, right] = [window[measure], earlier.get(window.at)];
    return left && right ? [Math.log(left / right)] : [];
  });
  if (!valueNow || !valueBefore || ratios.length < PAIRS_NEEDED) return [];
  const [low, high] = interval(ratios, seed);
  const ratio = valueNow / valueBefore;
  return [
    {
      measure,
      before: valueBefore,
      now: valueNow,
      ratio,
      interval: [low, high],
      windows: ratios.length,
      verdict: verdictOf(ratio, low, high),
    },
  ];
}

function verdictOf(ratio: number, low: number, high: number): ComparedLatency['verdict'] {
  if (ratio > 1 + MATTERS) return low > 1 ? 'worse' : 'noise';
  if (ratio < 1 - MATTERS) return high < 1 ? 'better' : 'noise';
  return 'same';
}

/** 99% interval of exp(mean), by the moving block bootstrap. */
function interval(values: readonly number[], seed: number): readonly [number, number] {
  const length = Math.ceil(Math.cbrt(values.length));
  const starts = values.length - length + 1;
  const means = Array.from({ length: RESAMPLES }, (_, sample) => {
    let sum = 0;
    for (let taken = 0; taken < values.length; taken++) {
      const start = Math.floor(seededUnit(seed, sample, Math.floor(taken / length)) * starts);
      sum += values[start + (taken % length)]!;
    }
    return sum / values.length;
  }).sort((left, right) => left - right);
  return [Math.exp(percentile(means, 0.005)), Math.exp(percentile(means, 0.995))];
}
