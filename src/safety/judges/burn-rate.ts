import type { AbortRule, BurnWindow } from '../../core/limits.ts';
import { formatDuration } from '../../core/units.ts';
import { formatSlo } from '../limits/burn-rate.ts';
import { LEAST_SAMPLES } from '../windows.ts';
import type { Breach, Judge } from './judge.ts';

/** One failure of twenty burns any budget; it takes a few to tell a burn from an accident. */
const LEAST_FAILURES = 3;

interface Seen {
  readonly at: number;
  readonly ok: boolean;
}

/**
 * Breached when the error budget of the rule's objective is spent too fast over a long window and over its short one: the long
 * one says that it matters, the short one that it is still so. What lies before the first fault counts as without failures;
 * not judged before a long window holds 20 samples and 3 failures.
 */
export function burnRateJudge(rule: AbortRule & { readonly slo: number }, probe: string): Judge {
  const windows = rule.burn ?? [];
  const longest = Math.max(...windows.map(({ longMs }) => longMs));
  let seen: Seen[] = [];
  let began: number | undefined;
  return {
    probe,
    judge({ at, sample, baseline }): Breach | undefined {
      if (!sample) return undefined;
      began ??= at;
      seen.push({ at, ok: sample.ok });
      if (seen[0]!.at <= at - longest) seen = within(seen, at, longest);
      for (const window of windows) {
        const bound = window.rate * (1 - rule.slo);
        const many = within(seen, at, window.longMs);
        if (many.length < LEAST_SAMPLES || failures(many) < LEAST_FAILURES) continue;
        const recent = within(seen, at, window.shortMs);
        const rate = rateOf(many) * Math.min(1, (at - began) / window.longMs);
        if (rate <= bound || rateOf(recent) <= bound) continue;
        return {
          rule,
          probe,
          value: rate,
          baseline: baseline?.measures.errorRate ?? Number.NaN,
          text: say(rule, probe, window, many, rate, recent),
        };
      }
      return undefined;
    },
  };
}

function say(
  { slo, source }: AbortRule & { readonly slo: number },
  probe: string,
  { rate, longMs, shortMs }: BurnWindow,
  many: readonly Seen[],
  burnt: number,
  recent: readonly Seen[],
): string {
  const burning = (share: number) => `${Number((share / (1 - slo)).toFixed(1))}x`;
  const where = source === 'experiment' ? 'the experiment stops' : 'the safety limits stop';
  return `${probe}: ${failures(many)} of ${many.length} samples failed in ${formatDuration(longMs)}, which spends the error budget of ${formatSlo(slo)} at ${burning(burnt)}, and at ${burning(rateOf(recent))} in the last ${formatDuration(shortMs)}; ${where} at ${rate}x.`;
}

function within(seen: readonly Seen[], at: number, span: number): Seen[] {
  return seen.filter((one) => one.at > at - span);
}

function failures(seen: readonly Seen[]): number {
  return seen.filter(({ ok }) => !ok).length;
}

function rateOf(seen: readonly Seen[]): number {
  return seen.length === 0 ? 0 : failures(seen) / seen.length;
}
