import type { Audit } from '../audit/contract.ts';
import { VERDICT_WORDS } from '../audit/words.ts';
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

/** An audit is over; its runs spoke for themselves. */
export function auditNotice(audit: Audit, exit: number): Notice {
  const { id, title, startedAt, endedAt, verdict, alarms } = audit;
  return {
    occasion: 'audit',
    at: endedAt ?? startedAt,
    from: startedAt,
    headline: `audit ${title}: ${VERDICT_WORDS[verdict.word].word.toLowerCase()}`,
    text: [...alarms, verdict.headline].join(' '),
    audit: id,
    verdict: verdict.word,
    exit,
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
