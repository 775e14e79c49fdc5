import { type Detector, NO_FAULT } from './contract.ts';
import { hintsOf, NO_HINTS } from './view/hints.ts';
import { count, list } from './words.ts';

/** Clients wait as long as they are told. */
export const retryAfterKept: Detector = {
  id: 'retry-after-kept',
  question: 'Do clients wait as long as they are told?',
  condition:
    'At least 5 calls came again after an answer that said when, and at most 5% of them sooner, in every step.',
  evidence: 'what became of failed answers that named a time',
  severities: ['good'],
  remedy: 'Keep it: it is what lets a provider recover.',
  detect(view) {
    if (!view.faulted) return NO_FAULT;
    const hints = hintsOf(view);
    if (hints.length === 0) return NO_HINTS;
    if (hints.some(({ early, back }) => early > back * 0.05)) return undefined;
    return {
      severity: 'good',
      claim: `Clients of ${list([...new Set(hints.map(({ proxy }) => proxy))])} keep to Retry-After.`,
      evidence: hints.map(
        ({ proxy, step, back, early }) =>
          `${proxy}, step "${step}": ${count(back, 'call')} came again when told or later, ${early === 0 ? 'none' : early} too early`,
      ),
    };
  },
};
