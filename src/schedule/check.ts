import type { ErrorCode } from '../core/errors.ts';
import { reasonOf } from '../core/reason.ts';
import { didYouMean } from '../core/suggest.ts';
import { formatDuration } from '../core/units.ts';
import { type Occurrences, occurrencesOf } from './occurrences.ts';
import type { ScheduleEntry } from './schema.ts';

/** What a schema cannot tell, at the field that it is about; of `experiments`, at which of them. */
export interface ScheduleProblem {
  readonly field: 'cron' | 'zone' | 'experiments' | 'jitter';
  readonly nth?: number;
  readonly code: ErrorCode;
  readonly values: Readonly<Record<string, unknown>>;
}

/** So many gaps between occurrences are looked at for the smallest. */
const GAPS = 20;

/**
 * What is wrong with an entry: a zone that this machine does not know, an expression that is none or is never due, a jitter that
 * would carry an occurrence past the next one, experiments that are not there.
 */
export function problemsOf(entry: ScheduleEntry, experiments: readonly string[]): readonly ScheduleProblem[] {
  const problems: ScheduleProblem[] = [];
  const invalid = (field: ScheduleProblem['field'], reason: string) =>
    problems.push({
      field,
      code: 'INVALID',
      values: { where: `${field} of schedule "${entry.name}"`, reason },
    });
  try {
    const occurrences = occurrencesOf(entry.cron, entry.zone);
    const gap = entry.jitter > 0 ? smallestGap(occurrences) : Infinity;
    if (entry.jitter >= gap)
      invalid(
        'jitter',
        `${formatDuration(entry.jitter)} is not less than the ${formatDuration(gap)} between two of its occurrences`,
      );
  } catch (error) {
    const reason = reasonOf(error);
    invalid(/time zone/.test(reason) ? 'zone' : 'cron', reason);
  }
  for (const [nth, experiment] of entry.experiments.entries()) {
    if (experiments.includes(experiment)) continue;
    const suggestion = didYouMean(experiment, experiments);
    problems.push({
      field: 'experiments',
      nth,
      code: 'UNKNOWN_EXPERIMENT',
      values: { experiment, suggestion },
    });
  }
  return problems;
}

function smallestGap(occurrences: Occurrences): number {
  const times = occurrences.coming(Date.now(), GAPS);
  return Math.min(...times.slice(1).map((at, nth) => at - times[nth]!));
}
