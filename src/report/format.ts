import type { DriverProof } from '../core/journal.ts';
import { formatSize } from '../core/units.ts';
import { rate, seconds } from '../lessons/words.ts';
import type { Outcome, ProxyTraffic, SafetyFacts, Summary, TrafficSpan } from './summary.ts';

export const UNKNOWN = '–';

/** `+12.3 s` after the first fault, `−20.4 s` before it, `+2 min 5 s`. */
export function since(s: number | null): string {
  if (s === null) return UNKNOWN;
  const tenths = Math.round(Math.abs(s) * 10) / 10;
  if (tenths === 0) return '0 s';
  return `${s < 0 ? '−' : '+'}${seconds(tenths * 1000)}`;
}

export function duration(ms: number | null): string {
  return ms === null ? UNKNOWN : seconds(ms);
}

export function number(value: number): string {
  return value.toLocaleString('en-US', { maximumFractionDigits: 2 });
}

export function percent(share: number | null): string {
  return share === null ? UNKNOWN : `${number(Math.round(share * 1000) / 10)}%`;
}

/** `21 November 2026, 09:30:00 UTC`; the same on every machine. */
export function moment(rfc3339: string | null): string {
  const date = rfc3339 === null ? new Date(Number.NaN) : new Date(rfc3339);
  if (Number.isNaN(date.getTime())) return UNKNOWN;
  const day = new Intl.DateTimeFormat('en-GB', { dateStyle: 'long', timeZone: 'UTC' }).format(date);
  return `${day}, ${date.toISOString().slice(11, 19)} UTC`;
}

/** `09:30:41.2`, UTC. */
export function clockTime(rfc3339: string): string {
  const date = new Date(rfc3339);
  return Number.isNaN(date.getTime()) ? UNKNOWN : date.toISOString().slice(11, 21);
}

const OUTCOMES: Readonly<
  Record<Outcome, { readonly word: string; readonly tone: 'good' | 'bad' | 'warn' | 'plain' }>
> = {
  held: { word: 'Held', tone: 'good' },
  deviated: { word: 'Deviated', tone: 'bad' },
  aborted: { word: 'Aborted by safety', tone: 'bad' },
  inconclusive: { word: 'Inconclusive', tone: 'warn' },
  refused: { word: 'Refused', tone: 'plain' },
  unfinished: { word: 'Unfinished', tone: 'warn' },
};

export function outcomeOf({ verdict }: Summary): (typeof OUTCOMES)[Outcome] {
  return OUTCOMES[verdict.outcome];
}

/** The run's sentence without the verdict's word, which stands beside it. */
export function sentenceOf({ verdict }: Summary): string {
  return verdict.sentence.replace(/^(held|deviated|aborted|inconclusive|refused): /, '');
}

/** `24/s`, or `12.3 KiB/s` where only bytes tell. */
export function trafficRate(
  { shows }: ProxyTraffic,
  { unitsPerSecond, bytesPerSecond }: TrafficSpan,
): string {
  if (shows === 'bytes') return bytesPerSecond === null ? UNKNOWN : `${formatSize(bytesPerSecond)}/s`;
  return unitsPerSecond === null ? UNKNOWN : rate(unitsPerSecond);
}

/** What one driver says after the rollback: of its faults, of what it holds, and what else there is to know. */
export function driverCells({ empty, held, reason, remark }: DriverProof): readonly [string, string, string] {
  return [
    empty ? 'none left' : reason === undefined ? 'some left' : 'not known',
    held === null ? 'not told' : number(held),
    reason ?? remark ?? UNKNOWN,
  ];
}

/** Under which limits a run went, who approved it, and whom it spared. */
export function safetySentences({ file, environment, approvedBy, exempt }: SafetyFacts): string[] {
  const spared = [...exempt.headers.map((name) => `header ${name}`), ...exempt.clients];
  return [
    `Environment "${environment}", ${file === null ? 'the built-in limits' : `limits of ${file}`}`,
    ...(approvedBy.length > 0 ? [`Approved by ${approvedBy.join(', ')}`] : []),
    ...(spared.length > 0
      ? [`Exempt: ${spared.join(', ')}; faults left ${number(exempt.spared)} units alone for it`]
      : []),
  ];
}
