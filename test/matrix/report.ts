import { formatShare } from '../../src/core/units.ts';
import { markdownTable } from '../support/marked-section.ts';
import type { Case } from './case.ts';
import { type Score, total } from './score.ts';
import { EVERYWHERE, WEAKNESSES, type Weakness } from './weaknesses.ts';

/** A run of the matrix, judged; or why it could not be played. */
export type Judged = { readonly weakness: Weakness; readonly case: Case } & (
  | { readonly score: Score }
  | { readonly failure: string }
);

/** The figures, a row for each weakness, and what was decided before the runs. */
export function lessonsReport(judged: readonly Judged[]): string {
  const weaknesses = WEAKNESSES.filter((one) => judged.some(({ weakness }) => weakness === one));
  const all = total(scoresOf(judged));
  const known = weaknesses.filter(({ without }) => without.length > 0).length;
  const controls = weaknesses.length - known;
  return [
    `${known} weaknesses and ${controls} controls in ${judged.length} runs: **recall ${figure(all.recall)}** (${all.stated} of ${all.stated + all.missed} expected lessons stated), **precision ${figure(all.precision)}** (${all.wrong} false).`,
    markdownTable(
      ['weakness', 'experiment', 'expected', 'runs', 'stated', 'missed', 'false', 'also true'],
      weaknesses.map((weakness) => row(weakness, judged)),
    ),
    'What is also true of a weakness, and why:',
    [
      ...allowances(weaknesses),
      ...EVERYWHERE.map(({ id, because }) => `- any run, \`${id}\`: ${because}.`),
    ].join('\n'),
  ].join('\n\n');
}

function row(weakness: Weakness, judged: readonly Judged[]): string[] {
  const own = judged.filter((one) => one.weakness === weakness);
  const scores = scoresOf(own);
  const unplayed = own.length - scores.length;
  return [
    weakness.name,
    weakness.experiment,
    weakness.expected.join(', ') || 'no lesson',
    `${scores.length}${unplayed > 0 ? ` (${unplayed} not played)` : ''}`,
    String(total(scores).stated),
    counted(scores.flatMap(({ missed }) => missed)),
    counted(scores.flatMap(({ wrong }) => wrong)),
    counted(scores.flatMap(({ allowed }) => allowed)),
  ];
}

function allowances(weaknesses: readonly Weakness[]): string[] {
  return weaknesses.flatMap(({ name, experiment, without, alsoAllowed }) =>
    alsoAllowed.map(
      ({ id, because }) =>
        `- ${without.length === 0 ? `the whole resilient build under ${experiment}` : `without ${name}`}, \`${id}\`: ${because}.`,
    ),
  );
}

function scoresOf(judged: readonly Judged[]): readonly Score[] {
  return judged.flatMap((one) => ('score' in one ? [one.score] : []));
}

function counted(ids: readonly string[]): string {
  const times = new Map<string, number>();
  for (const id of ids) times.set(id, (times.get(id) ?? 0) + 1);
  return [...times].map(([id, count]) => (count > 1 ? `${id} ×${count}` : id)).join(', ') || '–';
}

function figure(share: number): string {
  return Number.isNaN(share) ? '–' : formatShare(Math.floor(share * 1000) / 1000);
}
