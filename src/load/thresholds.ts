import { formatMeasure, type Measure, meets } from '../core/expectation.ts';
import type { TrafficFigures, TrafficSummary } from '../core/journal.ts';
import type { LoadThreshold } from '../core/plan.ts';

/** A threshold with what was measured. */
export interface JudgedThreshold {
  /** As `thresholdText` says it. */
  readonly text: string;
  readonly measured: number | null;
  /** What `measured` is a factor of, for a relative one. */
  readonly of?: number;
  /** For people: `412 ms`. */
  readonly shown: string;
  /** Null where it could not be judged. */
  readonly met: boolean | null;
  /** Why it could not be judged. */
  readonly why?: string;
  /** Nothing was given by which it could have been judged; that says nothing about the load. */
  readonly unasked?: boolean;
}

/** Fewer requests are no rate and no percentile. */
const REQUESTS_NEEDED = 20;

/** @param cacheHitRate share of hits by the target's metrics; undefined where nobody told */
export function judgeThresholds(
  thresholds: readonly LoadThreshold[],
  summary: TrafficSummary,
  cacheHitRate?: number,
): readonly JudgedThreshold[] {
  return thresholds.map((threshold) => judge(threshold, summary, cacheHitRate));
}

/** `p95 < 3s`, `stage after: p95 < 1.5x of before`. */
export function thresholdText({ scenario, stage, against, expect }: LoadThreshold): string {
  const place = [
    ...(scenario === undefined ? [] : [`scenario ${scenario}`]),
    ...(stage === undefined ? [] : [`stage ${stage}`]),
  ].join(', ');
  const bare = against === undefined ? expect.text : expect.text.replace(/of baseline$/, `of ${against}`);
  return place === '' ? bare : `${place}: ${bare}`;
}

function judge(
  threshold: LoadThreshold,
  summary: TrafficSummary,
  cacheHitRate: number | undefined,
): JudgedThreshold {
  const { scenario, stage, against, expect } = threshold;
  const { measure } = expect;
  const text = thresholdText(threshold);
  const unjudged = (why: string, unasked = false): JudgedThreshold => ({
    text,
    measured: null,
    shown: '–',
    met: null,
    why,
    ...(unasked ? { unasked } : {}),
  });

  if (measure === 'cacheHitRate') {
    if (cacheHitRate === undefined) return unjudged('no metrics of the target tell hits and misses', true);
    return judged(cacheHitRate);
  }
  const from = figuresOf(summary, { scenario, stage });
  const few = tooFew(from, measure);
  if (few !== undefined) return unjudged(few);
  if (against === undefined) return judged(figureOf(from!, measure));
  const other = figuresOf(summary, stage === undefined ? { scenario: against } : { stage: against });
  const fewOfOther = tooFew(other, measure);
  if (fewOfOther !== undefined) return unjudged(`${against}: ${fewOfOther}`);
  return judged(figureOf(from!, measure), figureOf(other!, measure));

  function judged(value: number, beside?: number): JudgedThreshold {
    const shown = formatMeasure(measure, value);
    return {
      text,
      measured: Number.isNaN(value) ? null : value,
      ...(beside === undefined ? {} : { of: beside }),
      shown: beside === undefined ? shown : `${shown}, of ${formatMeasure(measure, beside)}`,
      met: meets(expect, value, beside),
    };
  }
}

function figuresOf(
  { total, scenarios, stages }: TrafficSummary,
  { scenario, stage }: Pick<LoadThreshold, 'scenario' | 'stage'>,
): TrafficFigures | undefined {
  if (scenario !== undefined) return scenarios[scenario];
  return stage === undefined ? total : stages[stage];
}

function tooFew(figures: TrafficFigures | undefined, measure: Measure): string | undefined {
  const requests = figures?.requests ?? 0;
  if (requests >= REQUESTS_NEEDED || (measure === 'throughput' && requests > 0)) return undefined;
  return requests === 0 ? 'no request came to an end' : `${requests} requests are too few to tell`;
}

/** NaN where there is none: a percentile of nothing but refused connections. */
function figureOf(figures: TrafficFigures, measure: Measure): number {
  return (figures as Partial<Record<Measure, number | null>>)[measure] ?? Number.NaN;
}
