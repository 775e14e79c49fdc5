import { formatMeasure } from '../../core/expectation.ts';
import type { ProbeWindow } from '../../core/journal.ts';
import type { AbortRule } from '../../core/limits.ts';
import { formatDuration } from '../../core/units.ts';
import { boundOf, holds } from '../relative.ts';
import { isPerSample } from '../windows.ts';
import type { Breach, Judge } from './judge.ts';

/**
 * Breached when the measure has stood beyond its bound at every look over the rule's time. Looks come with each sample and
 * each tick. A look at which it does not, or at fewer than 20 samples for a rate or a percentile, starts the time anew.
 * A window keeps what it has seen for its span, so "for 5s" asks how long the window looked bad, not the system.
 */
export function thresholdJudge(rule: AbortRule, probe: string): Judge {
  let since: number | undefined;
  return {
    probe,
    judge({ at, window, baseline }): Breach | undefined {
      const value = window.measures[rule.measure] ?? Number.NaN;
      const before = baseline?.measures[rule.measure] ?? Number.NaN;
      if (!holds(rule, value, before)) {
        since = undefined;
        return undefined;
      }
      since ??= at;
      if (at - since < rule.forMs) return undefined;
      return {
        rule,
        probe,
        value,
        baseline: before,
        text: say(rule, probe, window, value, before, at - since),
      };
    },
  };
}

function say(
  rule: AbortRule,
  probe: string,
  window: ProbeWindow,
  value: number,
  before: number,
  heldMs: number,
): string {
  const { measure } = rule;
  const basis = isPerSample(measure) ? '' : ` over ${window.samples} samples`;
  const held = rule.forMs > 0 ? `, for ${formatDuration(heldMs)}` : '';
  const compared = Number.isNaN(before) ? '' : ` (baseline ${formatMeasure(measure, before)})`;
  const bound = rule.relative ? `, which is ${formatMeasure(measure, boundOf(rule, before))} here` : '';
  const where = rule.source === 'experiment' ? 'the experiment stops at' : 'the safety limits stop at';
  return `${probe}: ${measure} was ${formatMeasure(measure, value)}${basis}${held}${compared}; ${where} "${rule.text}"${bound}.`;
}
