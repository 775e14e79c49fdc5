import type { Measure } from '../core/expectation.ts';
import { formatMeasure, MEASURES } from '../core/expectation.ts';
import { formatDuration, formatShare } from '../core/units.ts';
import type { RunView } from './view/view.ts';

/** `a`, `a and b`, `a, b and c`; past `most` the rest is counted. */
export function list(names: readonly string[], most = 4): string {
  if (names.length > most) return `${names.slice(0, most).join(', ')} and ${names.length - most} more`;
  return names.length < 2 ? (names[0] ?? 'nothing') : `${names.slice(0, -1).join(', ')} and ${names.at(-1)}`;
}

export function count(amount: number, word: string, plural = `${word}s`): string {
  return `${amount.toLocaleString('en-US')} ${amount === 1 ? word : plural}`;
}

/** The verb for so many names. */
export function agree(names: number, one: string, many: string): string {
  return names === 1 ? one : many;
}

/** Seconds since the first fault: `12.3 s after the first fault`; of a run that had none, since its load. */
export function sinceFault(view: RunView, at: number): string {
  const since = at - (view.firstFaultAt ?? 0);
  const what = view.steps.some(({ faults }) => faults.length > 0) ? 'the first fault' : 'the load began';
  return `${formatDuration(Math.round(since / 100) * 100)} after ${what}`;
}

export function seconds(ms: number): string {
  return formatDuration(ms < 1000 ? Math.round(ms) : Math.round(ms / 100) * 100);
}

/** Ends of 0% and 100% are kept for none and all. */
export function share(value: number): string {
  const percent = value * 100;
  if (percent > 0 && percent < 0.1) return '< 0.1%';
  if (percent > 99 && percent < 100) return formatShare(Math.floor(value * 1000) / 1000);
  return formatShare(Math.round(value * 1000) / 1000);
}

/** A sentence from elsewhere, to be put inside one. */
export function clause(sentence: string): string {
  return sentence.trim().replace(/\.$/, '');
}

export function rate(perSecond: number): string {
  if (perSecond >= 1e6) return `${figure('value', perSecond)}/s`;
  return `${Number(perSecond.toFixed(perSecond < 10 ? 1 : 0)).toLocaleString('en-US')}/s`;
}

/** The measure that an expectation's text begins with. */
export function measureOf(expectation: string): Measure {
  return MEASURES.find((known) => expectation.startsWith(known)) ?? 'value';
}

/** A measure's value, rounded for people. */
export function figure(measure: Measure, value: number | null): string {
  if (value === null || Number.isNaN(value)) return 'unknown';
  if (measure === 'errorRate') return share(value);
  if (measure === 'status') return String(value);
  if (measure === 'value' && Math.abs(value) >= 1e6)
    return value.toLocaleString('en-US', { notation: 'compact', maximumSignificantDigits: 3 });
  if (measure === 'value') return Number(value.toFixed(Math.abs(value) < 10 ? 2 : 0)).toLocaleString('en-US');
  return formatMeasure(measure, value >= 1000 ? Math.round(value / 10) * 10 : Math.round(value * 10) / 10);
}
