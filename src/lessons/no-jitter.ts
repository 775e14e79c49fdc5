import { type Detector, NO_FAULT } from './contract.ts';
import { NO_PAUSES, ownPauses } from './view/pauses.ts';
import { list, seconds, share } from './words.ts';

const LEAST = 10;
const ALIKE = 0.6;

/** Clients that failed together come back together. */
export const noJitter: Detector = {
  id: 'no-jitter',
  question: 'Are retries spread, or do they come all at once?',
  condition:
    'After answers that named no time, at least 60% of the pauses after a first failure (10 at least) lie within 6% of each other, and so do those after a second failure where there are 10.',
  evidence: 'pauses between the end of a failed answer and the same call again',
  severities: ['medium'],
  remedy:
    'Draw each pause at random (between nothing and the full pause, or at least over half of it), so that callers that failed at one moment do not come back at one moment.',
  detect(view) {
    if (!view.faulted) return NO_FAULT;
    const judged = ownPauses(view)
      .map((one) => ({
        ...one,
        many: one.pauses.slice(0, 2).flatMap((waits) => (waits && waits.count >= LEAST ? [waits] : [])),
      }))
      .filter(
        ({ many, pauses: [first] }) => many.length > 0 && first && first.count >= LEAST && first.p50 >= 20,
      );
    if (judged.length === 0) return NO_PAUSES;
    const tight = judged.filter(({ many }) => many.every(({ alike }) => alike >= ALIKE));
    if (tight.length === 0) return undefined;
    const names = list([...new Set(tight.map(({ proxy }) => proxy))]);
    return {
      severity: 'medium',
      claim: `Retries against ${names} come in step: all wait equally long.`,
      evidence: tight.map(
        ({ proxy, step, many }) =>
          `${proxy}, step "${step}": ${many
            .map(
              ({ count, alike, p50 }) =>
                `${share(alike)} of ${count} pauses within 6% of each other, around ${seconds(p50)}`,
            )
            .join('; ')}`,
      ),
      nextExperiment: `${names} failing at once under load: the pauses before the same call comes again are spread over at least half of their length.`,
    };
  },
};
