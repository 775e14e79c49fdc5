import type { Measure } from '../core/expectation.ts';
import { formatMeasure } from '../core/expectation.ts';
import type { ProbeWindow } from '../core/journal.ts';
import type { AbortRule } from '../core/limits.ts';
import type { ProbeSpec } from '../core/plan.ts';
import { percentile } from '../core/statistics.ts';
import type { Baseline } from './contract.ts';
import type { Kept } from './samples.ts';
import { type Figures, isPerSample, judgeWindow, LEAST_SAMPLES } from './windows.ts';

/** What the probes showed before the first fault, by probe. */
export type BaselineFigures = ReadonlyMap<string, Figures>;

export interface ProbeEvidence {
  readonly spec: ProbeSpec;
  /** Abort rules that name the probe. */
  readonly rules: readonly AbortRule[];
  readonly kept: readonly Kept[];
}

/**
 * Judges each probe once on all its samples. Too few for an expectation on a rate or a percentile is not healthy either:
 * without them nothing later could be compared. A rule relative to the baseline asks for them too.
 */
export function judgeBaseline(evidence: readonly ProbeEvidence[]): Baseline {
  const windows = evidence.map(windowOf);
  const reasons = windows.flatMap((window, index) => reasonAgainst(window, evidence[index]!) ?? []);
  return reasons.length === 0
    ? { healthy: true, windows }
    : { healthy: false, reason: reasons.join(' '), windows };
}

export function figuresOfBaseline(windows: readonly ProbeWindow[]): BaselineFigures {
  return new Map(
    windows.map(({ probe, measures }) => [
      probe,
      Object.fromEntries(
        Object.entries(measures).filter(([, figure]) => typeof figure === 'number'),
      ) as Figures,
    ]),
  );
}

/** As any window, but a baseline's `value` is the median of all, so that one odd reading is not what later ones are held against. */
function windowOf({ spec, kept }: ProbeEvidence): ProbeWindow {
  const window = judgeWindow(spec, { many: kept, recent: kept }, undefined);
  const values = kept.flatMap(({ sample }) => sample.value ?? []).sort((left, right) => left - right);
  if (values.length === 0) return window;
  return { ...window, measures: { ...window.measures, value: percentile(values, 0.5) } };
}

function reasonAgainst(window: ProbeWindow, { spec, rules, kept }: ProbeEvidence): string | undefined {
  const name = `Probe "${spec.name}"`;
  if (kept.length === 0) return `${name} has no sample: the baseline is too short.`;
  const failure = kept.findLast(({ sample }) => !sample.ok)?.sample.reason;
  const because = failure ? ` (last failure: ${failure})` : '';
  if (window.missed.length > 0) {
    const seen = window.missed.map(
      ({ measure, text }) => `${measure} was ${shown(measure, window, kept)} where ${text} is expected`,
    );
    return `${name} is unhealthy before any fault: ${seen.join('; ')}, over ${count(kept.length)}${because}.`;
  }
  const asked = [...spec.expect, ...rules.filter(({ relative }) => relative)];
  const needs = asked.find(({ measure }) => !isPerSample(measure));
  if (needs && kept.length < LEAST_SAMPLES) {
    return `${name} has ${count(kept.length)}: "${needs.text}" needs ${LEAST_SAMPLES}, so measure a longer baseline or set a shorter "every".`;
  }
  const without = asked.find(({ measure }) => typeof window.measures[measure] !== 'number');
  if (without) return `${name} never gave a ${without.measure}, which "${without.text}" needs${because}.`;
  return undefined;
}

/** The figure that misses: for `status` and `value` a sample's own. */
function shown(measure: Measure, window: ProbeWindow, kept: readonly Kept[]): string {
  if (!isPerSample(measure)) return formatMeasure(measure, window.measures[measure] ?? Number.NaN);
  const sample = kept.findLast(({ missed }) =>
    missed.some((expectation) => expectation.measure === measure),
  )?.sample;
  const figure = sample?.[measure as 'status' | 'value'];
  return figure === undefined ? 'not a number' : formatMeasure(measure, figure);
}

function count(samples: number): string {
  return samples === 1 ? '1 sample' : `${samples} samples`;
}
