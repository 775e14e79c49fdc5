import type { SafetyLimits, Tolerance } from '../../core/limits.ts';
import { toleranceOf } from '../../safety/limits/tolerance.ts';
import type { Experiment } from '../schema.ts';
import { nameOf, type Problems } from './problems.ts';

/** What the experiment tolerates, where it says so: never more than the limits do. */
export function planTolerance(
  given: Experiment['steadyState']['tolerate'],
  limits: SafetyLimits,
  problems: Problems,
): Tolerance | undefined {
  if (given === undefined) return undefined;
  const { falseAbort, tolerate } = limits.monitor;
  const path = ['steadyState', 'tolerate'];
  if (falseAbort === 0) problems.add('TOLERANCE_WITHOUT_TEST', { limits: nameOf(limits) }, path, 'key');
  for (const measure of ['errorRate', 'latency'] as const) {
    const factor = given[measure];
    if (factor === undefined || factor <= tolerate[measure]) continue;
    const values = { factor, limit: tolerate[measure], limits: nameOf(limits) };
    problems.add('LOOSER_TOLERANCE', values, [...path, measure]);
  }
  return toleranceOf(given, tolerate);
}
