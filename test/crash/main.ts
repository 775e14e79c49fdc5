import { parseArgs } from 'node:util';
import compile from '../support/compile.ts';
import { keepSection } from '../support/marked-section.ts';
import { ALL } from './cases.ts';
import { LEASE_MS, playAll } from './play-all.ts';
import { caseTable, summaryTable } from './table.ts';

/**
 * Plays every crash at every event and keeps the table in docs/safety.md.
 *   --lanes N    how many at a time (default 3)
 *   --only WORD  those whose kind or event has the word; the table is then only printed
 */
const { values } = parseArgs({
  options: { lanes: { type: 'string', default: '3' }, only: { type: 'string' } },
});
const { only } = values;
const crashes = ALL.filter(({ kind, at }) => only === undefined || kind.includes(only) || at.includes(only));
compile();
const began = performance.now();
let done = 0;
const outcomes = await playAll(crashes, Number(values.lanes), ({ crash, reached, problems }) => {
  done += 1;
  const result =
    problems.length > 0 ? `NOT CLEAN: ${problems.join('; ')}` : reached ? 'clean' : 'not reached';
  process.stdout.write(`${done}/${crashes.length} ${crash.kind} at ${crash.at} ${crash.nth}: ${result}\n`);
});

const played = outcomes.filter(({ reached }) => reached);
const clean = played.filter(({ problems }) => problems.length === 0);
const residue = played.reduce((sum, { left }) => sum + left.faults + left.held + left.broken.length, 0);
const text = [
  `${clean.length} of ${played.length} cases clean, ${residue} faults, held units or blocked proxies left over, in ${Math.round((performance.now() - began) / 1000)} s; a lease of ${LEASE_MS / 1000} s. A dash: the run never comes to that event.`,
  summaryTable(outcomes),
  caseTable(outcomes),
].join('\n\n');
process.stdout.write(`\n${text}\n`);
if (only === undefined) {
  const marks = { begin: 'crash matrix: npm run crash:matrix', end: 'end of the crash matrix' };
  keepSection('docs/safety.md', marks, text);
}
process.exitCode = clean.length === played.length ? 0 : 1;
