import { parseArgs } from 'node:util';
import { keepSection } from '../support/marked-section.ts';
import { nameOf } from './case.ts';
import { EXPERIMENTS } from './catalogue.ts';
import { FLAGS, playMatrix } from './flags.ts';
import { experimentsTable } from './tables.ts';

/**
 * Plays every experiment that ships against both builds of the sandbox, and keeps the table in docs/experiments.md.
 *   --only WORD     those with the word in the name of the experiment or the build; the table is then only printed
 *   --folder PATH   where runs are kept (default .faultline/matrix)
 * and what `FLAGS` says.
 */
const { values } = parseArgs({
  options: {
    ...FLAGS,
    only: { type: 'string' },
    folder: { type: 'string', default: '.faultline/matrix/experiments' },
  },
});
const { only } = values;
const cases = EXPERIMENTS.flatMap((experiment) =>
  ['none', 'all'].map((resilience) => ({ experiment, resilience })),
).filter((one) => only === undefined || nameOf(one).includes(only));
const played = await playMatrix(cases, values);
const table = experimentsTable(played);
process.stdout.write(`\n${table}\n`);
if (only === undefined) {
  const marks = {
    begin: 'matrix of experiments: npm run experiments:matrix',
    end: 'end of the matrix of experiments',
  };
  keepSection('docs/experiments.md', marks, table);
}
process.exitCode = played.some((one) => 'failure' in one) ? 1 : 0;
