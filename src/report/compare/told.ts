import { percent, UNKNOWN } from '../format.ts';
import type { Told, ToldCell } from '../told/told.ts';
import type { Comparison, LessonCell, Pair } from './comparison.ts';

/** The sections of a comparison that are words and tables. */
export function comparisonTold(comparison: Comparison): readonly Told[] {
  return [figures(comparison), availability(comparison), lessons(comparison), breaking(comparison)].filter(
    (section): section is Told => section !== false,
  );
}

function namesOf({ sides }: Comparison): Pair<string> {
  return [sides[0].name, sides[1].name];
}

function figures(comparison: Comparison): Told {
  const [a, b] = namesOf(comparison);
  return {
    id: 'figures',
    name: 'Figures',
    heading: 'Figure by figure',
    blocks: [
      {
        table: {
          caption: 'Figures of both runs',
          columns: [
            { name: 'Figure', kind: 'probe' },
            { name: a, kind: 'half' },
            { name: b, kind: 'half' },
            { name: 'Better' },
          ],
          rows: comparison.measures.map(({ name, told, better }) => [
            name,
            good(told[0], better === 0),
            good(told[1], better === 1),
            better === null ? { text: 'neither', tone: 'muted' } : [a, b][better]!,
          ]),
        },
      },
      ...(comparison.differences.length > 0
        ? [{ list: comparison.differences.map((text) => `Not the same: ${text}`) }]
        : [{ list: ['Seed, file, version and limits are the same in both.'] }]),
    ],
  };
}

function availability(comparison: Comparison): Told | false {
  if (comparison.probes.length === 0) return false;
  const [a, b] = namesOf(comparison);
  return {
    id: 'availability',
    name: 'Availability',
    heading: 'Availability, by probe',
    lede: 'Share of good samples before the first fault, while faults were in force, and after them.',
    blocks: [
      {
        table: {
          caption: 'Good samples',
          columns: [
            { name: 'Probe', kind: 'probe' },
            { name: `${a}: before`, kind: 'num' },
            { name: 'under faults', kind: 'num' },
            { name: 'after', kind: 'num' },
            { name: `${b}: before`, kind: 'num' },
            { name: 'under faults', kind: 'num' },
            { name: 'after', kind: 'num' },
          ],
          rows: comparison.probes.map(({ probe, before, during, after }) => [
            probe,
            ...([0, 1] as const).flatMap((side) => [
              percent(before[side]),
              good(percent(during[side]), (during[side] ?? 0) > (during[1 - side] ?? 0)),
              percent(after[side]),
            ]),
          ]),
        },
      },
    ],
  };
}

function lessons(comparison: Comparison): Told | false {
  if (comparison.lessons.length === 0) return false;
  const [a, b] = namesOf(comparison);
  return {
    id: 'lessons',
    name: 'Lessons',
    heading: 'What each of them teaches',
    blocks: [
      {
        table: {
          caption: 'Lessons',
          columns: [{ name: 'Lesson', kind: 'probe' }, { name: a }, { name: b }],
          rows: comparison.lessons.map(({ id, told }) => [id, lesson(told[0]), lesson(told[1])]),
        },
      },
    ],
  };
}

function breaking(comparison: Comparison): Told | false {
  const names = namesOf(comparison);
  const told = comparison.breaking.flatMap((sentences, side) =>
    sentences.map((sentence) => `${names[side as 0 | 1]}: ${sentence}.`),
  );
  if (told.length === 0) return false;
  return { id: 'breaking', name: 'Breaking point', heading: 'Breaking point', blocks: [{ list: told }] };
}

function lesson(told: LessonCell | null): ToldCell {
  if (!told) return { text: UNKNOWN, tone: 'muted' };
  const tone = told.severity === 'good' ? 'good' : 'bad';
  return { text: `${told.severity}: ${told.claim}`, tone };
}

function good(text: string, better: boolean): ToldCell {
  return better ? { text, tone: 'good' } : text;
}
