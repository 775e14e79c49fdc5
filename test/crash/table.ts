import { formatDuration } from '../../src/core/units.ts';
import { CRASHES, type CrashKind } from '../../src/experiments/proof/crash.ts';
import type { CrashOutcome } from '../../src/experiments/proof/play.ts';
import { markdownTable } from '../support/marked-section.ts';
import { EVENTS, KINDS } from './cases.ts';

/** One row for each kind of crash, as Markdown. */
export function summaryTable(outcomes: readonly CrashOutcome[]): string {
  const kinds = KINDS.filter((kind) => outcomes.some(({ crash }) => crash.kind === kind));
  return markdownTable(
    ['what happens', 'cases', 'clean', 'until clean and fault-free: median, longest', 'how the run ended'],
    kinds.map((kind) => {
      const met = outcomes.filter(({ crash, reached }) => crash.kind === kind && reached);
      const times = met
        .flatMap(({ cleanMs }) => (cleanMs === undefined ? [] : [cleanMs]))
        .toSorted((a, b) => a - b);
      return [
        CRASHES[kind].sentence,
        String(met.length),
        `${met.filter(({ problems }) => problems.length === 0).length} of ${met.length}`,
        times.length === 0
          ? 'plays on'
          : `${duration(times[Math.floor((times.length - 1) / 2)]!)}, ${duration(times.at(-1)!)}`,
        endings(met),
      ];
    }),
  );
}

/** One row for each event, one column for each kind: how the run ended there, and what was wrong. */
export function caseTable(outcomes: readonly CrashOutcome[], kinds: readonly CrashKind[] = KINDS): string {
  return markdownTable(
    ['at the event', ...kinds],
    EVENTS.map((event) => [
      `${event.at}${event.nth > 1 ? ` (${event.nth})` : ''}`,
      ...kinds.map((kind) => {
        const outcome = outcomes.find(
          ({ crash }) => crash.kind === kind && crash.at === event.at && crash.nth === event.nth,
        );
        return outcome ? cell(outcome) : '';
      }),
    ]),
  );
}

function cell({ reached, problems, cleanMs, endedBy, exit }: CrashOutcome): string {
  if (!reached) return '–';
  if (problems.length > 0) return '**not clean**';
  return `${endedBy === 'recover' ? 'recovered' : `exit ${exit}`}${cleanMs === undefined ? '' : `, ${duration(cleanMs)}`}`;
}

function endings(outcomes: readonly CrashOutcome[]): string {
  const counted = new Map<string, number>();
  for (const { endedBy, exit } of outcomes) {
    const how = endedBy === 'recover' ? 'by `recover`, interrupted' : `exit ${exit}`;
    counted.set(how, (counted.get(how) ?? 0) + 1);
  }
  return [...counted]
    .toSorted()
    .map(([how, times]) => `${how}: ${times}`)
    .join('; ');
}

function duration(ms: number): string {
  return formatDuration(ms < 1000 ? Math.round(ms) : Math.round(ms / 10) * 10);
}
