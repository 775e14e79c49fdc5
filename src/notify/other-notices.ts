import { byWhom, type Halt } from '../core/halt.ts';
import type { OccurrenceRecord } from '../schedule/contract.ts';
import type { Notice } from './contract.ts';

/** An occurrence that did not start; nothing for any other, whose run speaks for itself. */
export function scheduleNotice({
  schedule,
  due,
  at,
  state,
  reason,
  experiment,
  run,
}: OccurrenceRecord): Notice | undefined {
  if (state !== 'missed' && state !== 'skipped') return undefined;
  return {
    occasion: state,
    at,
    headline: `schedule ${schedule}: the occurrence of ${due} was ${state}`,
    text: reason ?? 'nobody knows why',
    schedule,
    ...(experiment === undefined ? {} : { experiment }),
    ...(run === undefined ? {} : { run }),
  };
}

/** The kill switch was thrown, or lifted where there is none any more. */
export function haltNotice(halt: Halt | undefined, at: string): Notice {
  return halt
    ? {
        occasion: 'halt',
        at: halt.since,
        headline: `halted${byWhom(halt)}`,
        text: halt.reason || 'no reason was given',
      }
    : { occasion: 'halt', at, headline: 'the halt was lifted', text: 'Experiments may run again.' };
}
