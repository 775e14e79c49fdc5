import type { Appraisal } from '../appraise.ts';
import { section, table, wrap } from './layout.ts';

/** What an appraisal says, in lines of at most 100 columns. */
export function explainLimits(appraisal: Appraisal): string {
  const { experiment, limits, abortWhen, opening, targets, gates, passes } = appraisal;
  const margins = limits.filter(({ margin }) => margin !== undefined);
  return [
    section('Limits in force', table(limits.map(({ limit, value, source }) => [limit, source, value]))),
    section(
      experiment === undefined ? 'What takes everything back' : `What takes ${experiment} back`,
      abortWhen.length === 0
        ? wrap('No rule on a probe.', 2)
        : table(abortWhen.map(({ probe, rule, source }) => [probe, source, rule])),
    ),
    section('When', wrap(whenOf(opening), 2)),
    ...(experiment === undefined
      ? []
      : [
          section(
            `What ${experiment} takes of it`,
            table(margins.map(({ limit, margin }) => [limit, margin!])),
          ),
          section(
            'Where it goes',
            table(
              targets.map(({ what, host = '', allowed, because }) => [mark(allowed), what, host, because]),
            ),
          ),
          section(
            passes ? 'A run would pass these gates now' : 'A run would be refused now',
            table(gates.map(({ gate, passed, detail }) => [mark(passed), gate, detail])),
            wrap(
              'Asked at the start of a run alone: no halt, no toxics set by hand, no other run, a healthy baseline.',
              2,
            ),
          ),
        ]),
  ].join('\n\n');
}

function whenOf({ open, why, next }: Appraisal['opening']): string {
  if (open) return 'Experiments may run now.';
  const then = next === undefined ? 'There is no next opening in sight.' : `The next opening is ${next}.`;
  return `Experiments may not run now: ${why}. ${then}`;
}

function mark(good: boolean): string {
  return good ? 'yes' : 'NO';
}
