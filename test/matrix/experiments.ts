import { parseArgs } from 'node:util';
import compile from '../support/compile.ts';
import { keepSection } from '../support/marked-section.ts';
import { nameOf } from './case.ts';
import { EXPERIMENTS } from './catalogue.ts';
import { lineOf, playAll } from './play-all.ts';
import { experimentsTable } from './tables.ts';

/**
 * Plays every experiment that ships against both builds of the sandbox, and keeps the table in docs/experiments.md.
 *   --lanes N       how many at a time (default 2)
 *   --only WORD     those with the word in the name of the experiment or the build; the table is then only printed
 *   --resume        what was played before is not played again, and its journal is asked anew
 *   --judge         plays nothing: judges what was played before
 *   --folder PATH   where runs are kept (default .faultline/matrix)
 */
const { values } = parseArgs({
  options: {
    lanes: { type: 'string', default: '2' },
    only: { type: 'string' },
    resume: { type: 'boolean', default: false },
    judge: { type: 'boolean', default: false },
    folder: { type: 'string', default: '.faultline/matrix/experiments' },
  },
});
const { only } = values;
const cases = EXPERIMENTS.flatMap((experiment) =>
  ['none', 'all'].map((resilience) => ({ experiment, resilience })),
).filter((one) => only === undefined || nameOf(one).includes(only));
if (!values.judge) compile();
let done = 0;
const played = await playAll(cases, {
  lanes: Number(values.lanes),
  folder: values.folder,
  resume: values.resume,
  judge: values.judge,
  onPlayed: (one) => process.stdout.write(`${++done}/${cases.length} ${lineOf(one)}\n`),
});
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
