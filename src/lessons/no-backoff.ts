import { type Detector, NO_FAULT } from './contract.ts';
import { NO_PAUSES, ownPauses } from './view/pauses.ts';
import { list, seconds } from './words.ts';

const LEAST = 10;
const GROWS = 1.4;
const SHORT_MS = 2000;

/** Clients wait equally long after every failure. */
export const noBackoff: Detector = {
  id: 'no-backoff',
  question: 'Do clients wait longer after each failure of the same call?',
  condition:
    'After answers that named no time, the median pause and the long ones (90th percentile) after a second failure (at least 10 of them), and after later ones where there are 10, are less than 1.4 times those after the first, and the median is shorter than 2 s.',
  evidence: 'pauses between the end of a failed answer and the same call again',
  severities: ['high', 'medium'],
  remedy:
    'Let the pause double with each failure of the same call up to a bound of some seconds, and give up after a few attempts.',
  detect(view) {
    if (!view.faulted) return NO_FAULT;
    const judged = ownPauses(view).filter(
      ({ pauses: [first, second] }) => first && second && second.count >= LEAST,
    );
    if (judged.length === 0) return NO_PAUSES;
    const flat = judged.filter(({ pauses: [first, second, later] }) => {
      const last = later && later.count >= LEAST ? later : second!;
      const most = Math.max(second!.p50, last.p50);
      const longest = Math.max(second!.p90, last.p90);
      return most < first!.p50 * GROWS && longest < first!.p90 * GROWS && most < SHORT_MS;
    });
    if (flat.length === 0) return undefined;
    const names = list([...new Set(flat.map(({ proxy }) => proxy))]);
    const longest = Math.max(...flat.map(({ longestChain }) => longestChain));
    return {
      severity: longest >= 10 ? 'high' : 'medium',
      claim: `Clients of ${names} do not back off: they try again after the same ${seconds(flat[0]!.pauses[0]!.p50)}, up to ${longest} times in a row.`,
      evidence: flat.map(
        ({ proxy, step, pauses: [first, second, later], longestChain }) =>
          `${proxy}, step "${step}": median pause of ${seconds(first!.p50)} after a first failure (${first!.count}), ${seconds(second!.p50)} after a second (${second!.count})${later ? `, ${seconds(later.p50)} after later ones (${later.count})` : ''}; one call was made ${longestChain} times in a row`,
      ),
      nextExperiment: `${names} failing at once for 30 s: each pause is longer than the one before it, and calls end after a few attempts.`,
    };
  },
};
