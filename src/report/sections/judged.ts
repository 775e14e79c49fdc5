import type { JudgedTest } from '../../core/journal.ts';

/** `errorRate could not be judged: baseline of 12 samples, needs 34`. */
export function notJudged({ measure, samples, needs }: JudgedTest): string {
  const wanted = needs === null ? 'and no longer one would do' : `needs ${needs}`;
  return `${measure} could not be judged: baseline of ${samples} samples, ${wanted}`;
}
