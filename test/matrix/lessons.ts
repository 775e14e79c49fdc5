import { parseArgs } from 'node:util';
import { keepSection } from '../support/marked-section.ts';
import { type Case, nameOf } from './case.ts';
import { FLAGS, playMatrix } from './flags.ts';
import { type Judged, lessonsReport } from './report.ts';
import { score } from './score.ts';
import { EVERYWHERE, WEAKNESSES } from './weaknesses.ts';

/**
 * Plays each weakness of the sandbox by itself, and the whole resilient build as control; keeps what was stated, missed and
 * false in docs/lessons-matrix.md.
 *   --seeds N       runs of each (default 3)
 *   --only WORDS    weaknesses with one of the words (commas between) in their name or experiment; then only printed
 *   --folder PATH   where runs are kept
 * and what `FLAGS` says.
 */
const { values } = parseArgs({
  options: {
    ...FLAGS,
    seeds: { type: 'string', default: '3' },
    only: { type: 'string' },
    folder: { type: 'string', default: '.faultline/matrix/lessons' },
  },
});
const { only } = values;
const seeds = Array.from({ length: Number(values.seeds) }, (_, index) => index + 1);
const weaknesses = WEAKNESSES.filter(
  ({ name, experiment }) =>
    only === undefined || only.split(',').some((word) => `${name} ${experiment}`.includes(word)),
);
const cases = weaknesses.flatMap((weakness) =>
  seeds.map((seed): Case & { weakness: typeof weakness } => ({
    experiment: weakness.experiment,
    resilience: ['all', ...weakness.without.map((pattern) => `-${pattern}`)].join(','),
    seed,
    weakness,
  })),
);
const played = await playMatrix(cases, values);
const judged: readonly Judged[] = played.map((one) => {
  const { weakness } = one.case as (typeof cases)[number];
  return 'failure' in one
    ? { weakness, case: one.case, failure: one.failure }
    : { weakness, case: one.case, score: score(weakness, one.outcome.lessons, EVERYWHERE) };
});
const report = lessonsReport(judged);
process.stdout.write(`\n${report}\n`);
for (const one of judged) {
  if ('failure' in one) process.stdout.write(`\nnot played: ${nameOf(one.case)}: ${one.failure}\n`);
}
if (only === undefined) {
  const marks = { begin: 'matrix of lessons: npm run lessons:matrix', end: 'end of the matrix of lessons' };
  keepSection('docs/lessons-matrix.md', marks, report);
}
process.exitCode = judged.some((one) => 'failure' in one) ? 1 : 0;
