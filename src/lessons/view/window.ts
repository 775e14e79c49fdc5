import { type Expectation, type Measure, meets } from '../../core/expectation.ts';
import { percentile } from '../../core/statistics.ts';

/** A sample on the run's own time. */
export interface TimedSample {
  /** When it began, ms since the run began. */
  readonly at: number;
  readonly ms: number;
  readonly ok: boolean;
  readonly status?: number;
  readonly value?: number;
  readonly reason?: string;
}

/** Rates and percentiles of fewer samples are not judged. */
export const MIN_SAMPLES = 20;

/** Samples that ended after `from` and up to `to`. */
export function between(samples: readonly TimedSample[], from: number, to: number): readonly TimedSample[] {
  return samples.filter((sample) => sample.at + sample.ms > from && sample.at + sample.ms <= to);
}

/** What these samples say of a measure; NaN when they cannot tell. Percentiles count failed samples with the time they took. */
export function measure(samples: readonly TimedSample[], wanted: Measure): number {
  if (wanted === 'value' || wanted === 'status')
    return samples.findLast((sample) => sample[wanted] !== undefined)?.[wanted] ?? Number.NaN;
  if (samples.length === 0) return Number.NaN;
  if (wanted === 'errorRate') return samples.filter((sample) => !sample.ok).length / samples.length;
  const sorted = samples.map((sample) => sample.ms).sort((a, b) => a - b);
  if (wanted === 'max') return sorted.at(-1)!;
  return percentile(sorted, Number(wanted.slice(1)) / 100);
}

export interface WindowPoint {
  /** End of the window. */
  readonly at: number;
  readonly value: number;
}

/**
 * A measure over the window that ends with each sample. A window of rates or percentiles reaches back to the least number
 * of samples; until there are so many it is left out. `status` and `value` are each sample's own.
 */
export function rolling(
  samples: readonly TimedSample[],
  wanted: Measure,
  windowMs: number,
  least = MIN_SAMPLES,
): readonly WindowPoint[] {
  const ended = [...samples].sort((a, b) => a.at + a.ms - (b.at + b.ms));
  const single = wanted === 'value' || wanted === 'status';
  const points: WindowPoint[] = [];
  let first = 0;
  for (let index = 0; index < ended.length; index++) {
    const at = ended[index]!.at + ended[index]!.ms;
    while (ended[first]!.at + ended[first]!.ms <= at - windowMs) first++;
    if (!single && index + 1 < least) continue;
    const slice = single ? [ended[index]!] : ended.slice(Math.min(first, index + 1 - least), index + 1);
    const value = measure(slice, wanted);
    if (!Number.isNaN(value)) points.push({ at, value });
  }
  return points;
}

/** The point furthest from what the expectation asks: the highest for `<`, the lowest for `>`, the first that misses for `==`. */
export function worst(
  points: readonly WindowPoint[],
  expectation: Expectation,
  baseline: number,
): WindowPoint | undefined {
  const { operator } = expectation;
  if (operator === '==' || operator === '!=') {
    const missed = points.filter((point) => !meets(expectation, point.value, baseline));
    if (missed.length === 0) return points[0];
    const distance = (point: WindowPoint) => Math.abs(point.value - expectation.bound);
    return missed.reduce((a, b) => (distance(b) > distance(a) ? b : a));
  }
  const sign = operator.startsWith('<') ? 1 : -1;
  return points.reduce<WindowPoint | undefined>(
    (a, b) => (a === undefined || sign * b.value > sign * a.value ? b : a),
    undefined,
  );
}
