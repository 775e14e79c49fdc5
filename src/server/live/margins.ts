import { compare, formatMeasure } from '../../core/expectation.ts';
import type { EvidenceFigure } from '../../core/journal.ts';
import type { AbortRule } from '../../core/limits.ts';
import type { ProbeProgress } from '../../experiments/progress.ts';
import { MIN_SAMPLES, measure, rolling, type TimedSample } from '../../lessons/view/window.ts';
import { BOUND_WORDS, type BoundReading } from '../../safety/bounds/index.ts';
import { boundOf } from '../../safety/relative.ts';
import type { FollowedRun } from '../runs/followed.ts';

type Measured = Pick<FollowedRun, 'progress' | 'timeline' | 'samples'>;

/** How near the run is to one of its limits. */
export interface Margin {
  /** The probe that it is about; empty where it is about what the data plane observes. */
  readonly probe: string;
  /** `errorRate > 50% for 5s`. */
  readonly limit: string;
  readonly value: string;
  /** 1 at the bound, or beyond. */
  readonly used: number;
  readonly beyond: boolean;
  /** How long it has been beyond, and how long it may be before the run ends, ms. */
  readonly heldMs: number;
  readonly forMs: number;
}

/** Each limit of a run with how much of it is used now; without those of which nothing can be told yet. */
export function marginsOf(run: Measured): readonly Margin[] {
  const { plan, probes } = run.progress;
  return [
    ...[...probes.values()].flatMap((probe) =>
      (plan?.abortWhen ?? []).flatMap((rule) => ofRule(rule, probe, run)),
    ),
    ...[...run.timeline.evidence.values()].map(ofEvidence),
    ...run.timeline.bounds.map(ofBound),
  ];
}

/** By the window that the run is judged by: the probe's own, reaching back to as many samples as a rate needs. */
function ofRule(rule: AbortRule, { spec, baseline }: ProbeProgress, run: Measured): Margin[] {
  if (rule.probe !== '*' && rule.probe !== spec.name) return [];
  const kept = run.samples.get(spec.name) ?? [];
  const bound = boundOf(rule, baseline?.measures[rule.measure] ?? Number.NaN);
  const latest = run.progress.latest;
  const since = latest - spec.windowMs - rule.forMs;
  const samples = kept
    .slice(
      Math.max(
        0,
        Math.min(
          kept.findIndex(([mono]) => mono >= since),
          kept.length - MIN_SAMPLES,
        ),
      ),
    )
    .map(([mono, sample]): TimedSample => ({ ...sample, at: mono - sample.ms }));
  const inWindow = kept.filter(([mono]) => mono > latest - spec.windowMs).length;
  const value = measure(samples.slice(-Math.max(MIN_SAMPLES, inWindow)), rule.measure);
  if (Number.isNaN(value) || Number.isNaN(bound)) return [];
  const beyond = compare(value, rule.operator, bound);
  return [
    {
      probe: spec.name,
      limit: rule.text,
      value: formatMeasure(rule.measure, value),
      used: beyond ? 1 : share(rule, value, bound),
      beyond,
      heldMs: beyond ? heldMs(rule, samples, spec.windowMs, bound) : 0,
      forMs: rule.forMs,
    },
  ];
}

function share({ operator }: AbortRule, value: number, bound: number): number {
  if (operator.startsWith('>')) return bound > 0 ? clamp(value / bound) : 0;
  if (operator.startsWith('<')) return value > 0 ? clamp(bound / value) : 0;
  return 0;
}

function heldMs(rule: AbortRule, samples: readonly TimedSample[], windowMs: number, bound: number): number {
  const points = rolling(samples, rule.measure, windowMs);
  const last = points.at(-1);
  if (!last) return 0;
  const calm = points.findLastIndex(({ value }) => !compare(value, rule.operator, bound));
  const since = points[calm + 1];
  return since ? last.at - since.at : 0;
}

/** Evidence multiplies from sample to sample, so that nearness goes by its magnitude. */
function ofEvidence({ probe, measure: wanted, evidence, threshold }: EvidenceFigure): Margin {
  return {
    probe,
    limit: `sequential test of ${wanted} against the baseline, at evidence ${number(threshold)}`,
    value: `evidence passed ${number(evidence)}`,
    used: clamp(Math.log10(evidence) / Math.log10(threshold)),
    beyond: evidence >= threshold,
    heldMs: 0,
    forMs: 0,
  };
}

function ofBound({ limit, value, bound, breached }: BoundReading): Margin {
  return {
    probe: '',
    limit: `${BOUND_WORDS[limit]}, at most ${number(bound)}`,
    value: `${number(value)} at most so far`,
    used: bound > 0 ? clamp(value / bound) : Number(breached),
    beyond: breached,
    heldMs: 0,
    forMs: 0,
  };
}

function number(value: number): string {
  return String(Number(value.toPrecision(3)));
}

function clamp(share: number): number {
  return Math.min(1, Math.max(0, share));
}
