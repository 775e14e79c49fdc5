import { count, seconds, share } from '../../lessons/words.ts';
import type { PastRun, Trend } from '../findings.ts';

/** This run among the earlier ones of its experiment; null where it is the first. */
export function trendOf(now: PastRun, earlier: readonly PastRun[]): Trend | null {
  const before = earlier
    .filter(({ run, startedAt }) => run !== now.run && (startedAt ?? '') < (now.startedAt ?? ''))
    .toSorted((a, b) => (a.startedAt ?? '').localeCompare(b.startedAt ?? ''));
  const last = before.at(-1);
  if (!last) return null;
  return {
    runs: [...before, now].map((one) => ({ ...one, sameFile: one.hash === now.hash })),
    sentence: `${count(before.length, 'earlier run')}; since the last one: ${changes(last, now).join('; ')}`,
  };
}

function changes(last: PastRun, now: PastRun): readonly string[] {
  const told = [
    last.outcome === now.outcome ? '' : `${last.outcome} then, ${now.outcome} now`,
    change('availability under faults', last.availability, now.availability, share),
    change('recovery', last.recoverMs, now.recoverMs, seconds),
    last.hash === now.hash ? '' : 'the experiment file was changed',
  ].filter((text) => text !== '');
  return told.length > 0 ? told : ['nothing changed'];
}

function change(
  what: string,
  before: number | null,
  after: number | null,
  format: (value: number) => string,
): string {
  if (before === null || after === null) return '';
  const [from, to] = [format(before), format(after)];
  return from === to ? '' : `${what} ${from} then, ${to} now`;
}
