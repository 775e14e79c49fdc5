import type { AbortRule, BurnWindow } from '../../core/limits.ts';
import { formatDuration, formatShare } from '../../core/units.ts';

/**
 * How many times faster than its objective allows an error budget may be spent. With windows of 1 h and 6 h, and a twelfth of
 * each as the short window, these are what Google's Site Reliability Workbook pages on (chapter 5, "Multiwindow,
 * multi-burn-rate alerts"): 2% and 5% of a month's budget.
 */
const FAST = 14.4;
const SLOW = 6;
/** As 6 h are to 1 h. */
const SLOW_TO_FAST = 6;
/** As an hour is to five minutes. */
const LONG_TO_SHORT = 12;
/** The slow window spans half of the run at most, so that it can fill; the fast one no less than this. */
const LEAST_FAST_MS = 10_000;

/** Below it the slow burn rate would ask for more than six failures of ten. */
export const LEAST_SLO = 0.9;

/** With all its nines. */
export function formatSlo(slo: number): string {
  return formatShare(slo, 6);
}

/** What a rule for an objective stops at, whatever its windows: the slow burn. */
export function slowestBurn(slo: number): number {
  return SLOW * (1 - slo);
}

/** A rule for an objective, with its windows scaled to the run: an hour would be too slow for minutes of faults. */
export function withBurnWindows(rule: AbortRule, durationMs: number): AbortRule {
  const { slo } = rule;
  if (slo === undefined) return rule;
  const fastMs = Math.max(LEAST_FAST_MS, durationMs / (2 * SLOW_TO_FAST));
  const burn = [windowOf(FAST, fastMs), windowOf(SLOW, fastMs * SLOW_TO_FAST)].filter(
    // No rate of failures could be that high.
    ({ rate }) => rate * (1 - slo) < 1,
  );
  const rates = burn.map(
    ({ rate, longMs, shortMs }) =>
      `${rate}x over ${formatDuration(Math.round(longMs))} and ${formatDuration(Math.round(shortMs))}`,
  );
  return {
    ...rule,
    burn,
    forMs: burn.at(-1)!.longMs,
    text: `${rule.text}, its budget spent faster than ${rates.join(' or ')}`,
  };
}

function windowOf(rate: number, longMs: number): BurnWindow {
  return { rate, longMs, shortMs: longMs / LONG_TO_SHORT };
}
