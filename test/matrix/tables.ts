import { formatDuration, formatShare } from '../../src/core/units.ts';
import { markdownTable } from '../support/marked-section.ts';
import type { Outcome } from './case.ts';
import type { Played } from './play-all.ts';

const BUILDS: Readonly<Record<string, string>> = { none: 'fragile', all: 'resilient' };

/** One row for each experiment and build. */
export function experimentsTable(played: readonly Played[]): string {
  return markdownTable(
    ['experiment', 'build', 'verdict', 'available under faults', 'recovered in', 'lessons', 'good news'],
    played.map((one) => {
      const { experiment, resilience } = one.case;
      const build = BUILDS[resilience] ?? resilience;
      if ('failure' in one) return [experiment, build, 'not played', '', '', '', ''];
      return [experiment, build, ...cells(one.outcome)];
    }),
  );
}

function cells({ verdict, availability, recoverMs, lessons }: Outcome): string[] {
  const ids = (good: boolean) =>
    lessons
      .filter(({ severity }) => (severity === 'good') === good)
      .map(({ id }) => id)
      .join(', ') || '–';
  return [
    verdict,
    availability === null ? '–' : formatShare(Math.floor(availability * 1000) / 1000),
    recoverMs === null ? 'not' : formatDuration(Math.round(recoverMs / 100) * 100),
    ids(false),
    ids(true),
  ];
}
