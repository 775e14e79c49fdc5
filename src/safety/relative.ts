import type { Expectation, Measure } from '../core/expectation.ts';
import { compare } from '../core/expectation.ts';

/**
 * What a baseline's figure counts as, at least, when a bound is a multiple of it. Twice next to nothing is still next to
 * nothing: without a floor, `p95 < 2x` over a baseline of 0.4 ms would call every pause of the measuring process a
 * degradation, and any multiple of an error rate of 0 would be 0.
 */
const FLOOR: Partial<Record<Measure, number>> = { errorRate: 0.01, p50: 5, p95: 10, p99: 10, max: 20 };

/** The figure that a factor multiplies: the baseline's, no lower than its floor; a `value` of exactly 0 counts as 1. */
function baseOf(measure: Measure, baseline: number): number {
  if (measure === 'value') return baseline === 0 ? 1 : baseline;
  return Math.max(baseline, FLOOR[measure] ?? 0);
}

/** The bound in the measure's own unit. NaN where a relative one has no baseline. */
export function boundOf(
  expectation: Pick<Expectation, 'measure' | 'bound' | 'relative'>,
  baseline: number,
): number {
  const { measure, bound, relative } = expectation;
  return relative ? bound * baseOf(measure, baseline) : bound;
}

/** Whether `value` stands in the rule's or expectation's relation to its bound. NaN never does. */
export function holds(
  condition: Pick<Expectation, 'measure' | 'operator' | 'bound' | 'relative'>,
  value: number,
  baseline: number,
): boolean {
  const bound = boundOf(condition, baseline);
  return !Number.isNaN(bound) && compare(value, condition.operator, bound);
}
