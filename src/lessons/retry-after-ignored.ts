import { type Detector, NO_FAULT } from './contract.ts';
import { hintsOf, NO_HINTS } from './view/hints.ts';
import { count, list, share } from './words.ts';

/** Clients come back sooner than they were told. */
export const retryAfterIgnored: Detector = {
  id: 'retry-after-ignored',
  question: 'Do clients come back sooner than they were told?',
  condition:
    'At least 5 calls came again after an answer that said when, and at least half of them sooner than that (by more than 5% and 50 ms).',
  evidence: 'what became of failed answers that named a time',
  severities: ['high'],
  remedy:
    'Read `Retry-After` (and `retry-after-ms`) of 429 and 503 and wait at least that long, for all callers of the same provider at once; only where it is absent use an own pause.',
  detect(view) {
    if (!view.faulted) return NO_FAULT;
    const hints = hintsOf(view);
    if (hints.length === 0) return NO_HINTS;
    const ignored = hints.filter(({ early, back }) => early >= back * 0.5);
    if (ignored.length === 0) return undefined;
    const names = list([...new Set(ignored.map(({ proxy }) => proxy))]);
    return {
      severity: 'high',
      claim: `Clients of ${names} ignore Retry-After: ${share(
        ignored.reduce((sum, { early }) => sum + early, 0) / ignored.reduce((sum, { back }) => sum + back, 0),
      )} of those told when to come back came sooner.`,
      evidence: ignored.map(
        ({ proxy, step, told, early, back }) =>
          `${proxy}, step "${step}": ${count(told, 'answer')} said when to come back; ${count(back, 'call')} came again, ${early} of them too early`,
      ),
      nextExperiment: `A rate limit (429 with Retry-After) on ${names}: no call comes again before its time.`,
    };
  },
};
