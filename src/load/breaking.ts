import type { TrafficSummary } from '../core/journal.ts';
import type { LoadStage } from '../core/plan.ts';

export interface BreakingPoint {
  /** The highest level that was served, and the first that was not; null where every one, or none, was. */
  readonly lastGood: { readonly stage: string; readonly level: number } | null;
  readonly firstBad: { readonly stage: string; readonly level: number; readonly why: string } | null;
}

const MOST_FAILED = 0.05;
const MOST_SLOWER = 3;
const REQUESTS_NEEDED = 20;

/**
 * Where rising stages stop being served: the first in which more than 5% fail, or p95 is above three times that of the first
 * stage. Undefined for fewer than three levels that rise.
 */
export function breakingPoint(
  stages: readonly LoadStage[],
  summary: TrafficSummary,
): BreakingPoint | undefined {
  const rising = stages.filter(
    ({ level }, index) =>
      index === 0 || level.to > Math.max(...stages.slice(0, index).map((one) => one.level.to)),
  );
  if (rising.length < 3) return undefined;
  const base = summary.stages[rising[0]!.name]?.p95;
  let lastGood: BreakingPoint['lastGood'] = null;
  for (const { name, level } of rising) {
    const figures = summary.stages[name];
    if (!figures || figures.requests < REQUESTS_NEEDED) continue;
    const at = { stage: name, level: level.to };
    if ((figures.errorRate ?? 0) > MOST_FAILED) {
      return { lastGood, firstBad: { ...at, why: 'more than 5% of the requests failed' } };
    }
    if (base && figures.p95 !== null && figures.p95 > MOST_SLOWER * base) {
      return { lastGood, firstBad: { ...at, why: 'p95 was above three times that of the first stage' } };
    }
    lastGood = at;
  }
  return { lastGood, firstBad: null };
}
