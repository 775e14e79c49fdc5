import { compare, formatMeasure } from '../../core/expectation.ts';
import type { AbortRule } from '../../core/limits.ts';
import { figure, seconds } from '../words.ts';
import type { ProbeView, RunView } from './view.ts';
import { rolling, type WindowPoint } from './window.ts';

/** How near a run came to one limit on one probe. */
export interface Approach {
  readonly rule: AbortRule;
  readonly probe: string;
  readonly breached: boolean;
  /** Worst value while faults were in force; NaN when it was never judged. */
  readonly worst: number;
  readonly worstAt: number | null;
  /** The bound in the measure's own unit. */
  readonly bound: number;
  /** Longest unbroken time beyond the bound, ms. */
  readonly beyondMs: number;
  /**
   * How much of the way to the limit was gone, 0 to 1. Where the measure must stay beyond the bound for a time, reaching
   * the bound is one half of the way and staying there the other.
   */
  readonly used: number;
  readonly sentence: string;
}

/** Each limit on each probe that it watches. */
export function approaches(view: RunView): readonly Approach[] {
  return (view.plan?.abortWhen ?? []).flatMap((rule) =>
    view.probes
      .filter((probe) => rule.probe === '*' || rule.probe === probe.name)
      .map((probe) => approach(view, rule, probe))
      .filter((one) => !Number.isNaN(one.worst) || one.breached),
  );
}

function approach(view: RunView, rule: AbortRule, probe: ProbeView): Approach {
  const span = view.faulted;
  const breach = view.breach;
  const breached = breach?.probe === probe.name && breach.rule.text === rule.text;
  const bound = rule.relative ? rule.bound * probe.baseline(rule.measure) : rule.bound;
  const points = rolling(probe.samples, rule.measure, probe.spec?.windowMs ?? 10_000).filter(
    (point) => span !== null && point.at >= span.from && point.at <= span.to,
  );
  const rising = rule.operator.startsWith('>');
  const peak = points.reduce<WindowPoint | undefined>(
    (a, b) => (a === undefined || (rising ? b.value > a.value : b.value < a.value) ? b : a),
    undefined,
  );
  // A breach has the figure that it was judged on.
  const worst = (breached ? breach?.value : undefined) ?? peak?.value ?? Number.NaN;
  const beyondMs = longestBeyond(points, (value) => compare(value, rule.operator, bound));
  return {
    rule,
    probe: probe.name,
    breached,
    worst,
    worstAt: peak?.at ?? null,
    bound,
    beyondMs,
    used: breached ? 1 : usedShare(rule, worst, bound, beyondMs),
    sentence: sentenceOf(rule, worst, beyondMs, breached),
  };
}

function usedShare(rule: AbortRule, worst: number, bound: number, beyondMs: number): number {
  const rising = rule.operator.startsWith('>');
  const value = compare(worst, rule.operator, bound)
    ? 1
    : rising && bound > 0
      ? Math.min(1, Math.max(0, worst / bound))
      : 0;
  return rule.forMs === 0 ? value : value / 2 + Math.min(1, beyondMs / rule.forMs) / 2;
}

function longestBeyond(points: readonly WindowPoint[], beyond: (value: number) => boolean): number {
  let longest = 0;
  let since: number | undefined;
  for (const point of points) {
    if (beyond(point.value)) {
      since ??= point.at;
      longest = Math.max(longest, point.at - since);
    } else since = undefined;
  }
  return longest;
}

function sentenceOf(rule: AbortRule, worst: number, beyondMs: number, breached: boolean): string {
  const value = `${rule.measure} reached ${figure(rule.measure, worst)}`;
  const bound = rule.relative ? `${rule.bound}x of baseline` : formatMeasure(rule.measure, rule.bound);
  const limit = `the limit is ${rule.operator} ${bound}${rule.forMs > 0 ? ` for ${seconds(rule.forMs)}` : ''}`;
  if (breached) return `${value}; ${limit}: breached`;
  return beyondMs > 0
    ? `${value} and stayed beyond for ${seconds(beyondMs)}; ${limit}`
    : `${value}; ${limit}`;
}
