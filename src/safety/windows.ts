import type { Expectation, Measure } from '../core/expectation.ts';
import { compare, parseExpectation } from '../core/expectation.ts';
import type { ProbeWindow } from '../core/journal.ts';
import type { ProbeSpec } from '../core/plan.ts';
import type { Sample } from '../core/ports.ts';
import { percentile } from '../core/statistics.ts';
import { holds } from './relative.ts';
import type { Kept } from './samples.ts';

/** Rates and percentiles of fewer samples are not judged: one slow answer of ten is no p95. */
export const LEAST_SAMPLES = 20;

/** Measures that each sample has by itself. The others describe many samples. */
export function isPerSample(measure: Measure): boolean {
  return measure === 'status' || measure === 'value';
}

/**
 * What a probe without an `errorRate` expectation tolerates: nothing. Judged from the first sample on, so that an
 * invariant such as `value == 0` is missed at once.
 */
const NO_FAILURE = parseExpectation('errorRate', '== 0%');

/** The expectations that a sample misses by itself; `status` and `value` with a fixed bound only. */
export function missedBy(spec: ProbeSpec, sample: Pick<Sample, 'status' | 'value'>): Expectation[] {
  return spec.expect.filter(
    ({ measure, relative, operator, bound }) =>
      isPerSample(measure) &&
      !relative &&
      !compare(sample[measure as 'status' | 'value'] ?? Number.NaN, operator, bound),
  );
}

const NOT_YET = { errorRate: null, p50: null, p95: null, p99: null, max: null } as const;

export type Figures = Partial<Record<Measure, number>>;

export interface Evidence {
  /** For rates and percentiles: the window, reaching back to 20 samples. */
  readonly many: readonly Kept[];
  /** For `status`, `value` and failures that nothing tolerates: the window alone, at least its newest sample. */
  readonly recent: readonly Kept[];
}

/**
 * Judges a probe's expectations on samples; relative ones against `baseline`, or not at all where it has no figure. Rates
 * and percentiles of fewer than 20 samples are null.
 */
export function judgeWindow(spec: ProbeSpec, evidence: Evidence, baseline: Figures | undefined): ProbeWindow {
  const { many, recent } = evidence;
  const enough = many.length >= LEAST_SAMPLES;
  const figures = { ...(enough && figuresOf(many)), ...newestOf(recent) };
  const missed: Expectation[] = [];
  let judged = recent.length > 0;
  const tolerant = toleratesFailures(spec);
  for (const expectation of spec.expect) {
    const { measure, relative } = expectation;
    if (relative && baseline?.[measure] === undefined) continue;
    if (isPerSample(measure) && !relative) {
      if (!tolerant && recent.some((kept) => kept.missed.includes(expectation))) missed.push(expectation);
    } else if (figures[measure] === undefined) {
      judged = false;
    } else if (!holds(expectation, figures[measure], baseline?.[measure] ?? Number.NaN)) {
      missed.push(expectation);
    }
  }
  if (!tolerant && recent.some(({ sample, missed }) => !sample.ok && missed.length === 0))
    missed.push(NO_FAILURE);
  const first = many[0] ?? recent[0];
  return {
    probe: spec.name,
    samples: many.length,
    ...(first && { from: first.sample.mono }),
    judged,
    measures: enough ? figures : { ...NOT_YET, ...figures },
    missed: missed.map(({ text, measure }) => ({ text, measure })),
  };
}

function toleratesFailures(spec: ProbeSpec): boolean {
  return spec.expect.some(({ measure }) => measure === 'errorRate');
}

/**
 * Rates and percentiles over all samples, with those that timed out: they took at least their time-out. The percentiles
 * are by nearest rank.
 */
function figuresOf(kept: readonly Kept[]): Figures {
  if (kept.length === 0) return {};
  const sorted = kept.map(({ sample }) => sample.ms).sort((left, right) => left - right);
  return {
    errorRate: kept.filter(({ sample }) => !sample.ok).length / kept.length,
    p50: percentile(sorted, 0.5),
    p95: percentile(sorted, 0.95),
    p99: percentile(sorted, 0.99),
    max: sorted.at(-1)!,
  };
}

/** The newest status and value that were seen. */
function newestOf(kept: readonly Kept[]): Figures {
  const figures: Figures = {};
  for (const measure of ['status', 'value'] as const) {
    const value = kept.findLast(({ sample }) => sample[measure] !== undefined)?.sample[measure];
    if (value !== undefined) figures[measure] = value;
  }
  return figures;
}
