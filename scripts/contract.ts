import { parseArgs } from 'node:util';
import { startEcho } from '../test/support/echo.ts';
import { compareSequence, removeAll } from './contract/api.ts';
import { compareBehaviour } from './contract/behaviour.ts';
import { BEHAVIOURS } from './contract/behaviours.ts';
import { SEQUENCES } from './contract/requests.ts';
import { runningServer, startFaultline, startToxiproxy } from './contract/servers.ts';
import { stands, type Verdict } from './contract/verdict.ts';

/**
 * Asks the same of a real Toxiproxy server and of Faultline, and compares what they answer and what they do to traffic.
 * Each difference must be listed with its decision record, else it ends with 1.
 *   --server HOST:PORT   a Toxiproxy server that runs already (its proxies are removed), instead of the one on PATH
 *   --all                tells also what is the same
 */
const { values } = parseArgs({
  options: { server: { type: 'string' }, all: { type: 'boolean', default: false } },
});

const theirs = values.server ? runningServer(values.server) : await startToxiproxy();
if (!theirs) {
  process.stdout.write('There is no toxiproxy-server on PATH, so nothing was compared.\n');
  process.exit(0);
}
const ours = await startFaultline();
const echo = await startEcho();
const taken = await startEcho();
const verdicts: Verdict[] = [];
const evened = new Map<string, number>();
try {
  for (const sequence of SEQUENCES) {
    tell(
      await compareSequence(
        sequence,
        theirs,
        ours,
        { upstream: echo.address, taken: taken.address },
        (record) => evened.set(record, (evened.get(record) ?? 0) + 1),
      ),
    );
  }
  for (const server of [theirs, ours]) await removeAll(server);
  for (const behaviour of BEHAVIOURS) tell([await compareBehaviour(behaviour, theirs, ours)]);
} finally {
  for (const open of [ours, theirs, echo, taken]) await open.close();
}

const wrong = verdicts.filter((verdict) => !stands(verdict));
const listed =
  verdicts.filter(({ differs }) => differs).length - wrong.filter(({ differs }) => differs).length;
process.stdout.write(
  `${verdicts.length} compared: ${verdicts.length - listed - wrong.length} the same, ${listed} different as recorded, ${wrong.length} wrong.\n`,
);
process.exit(wrong.length > 0 ? 1 : 0);

function tell(more: readonly Verdict[]): void {
  verdicts.push(...more);
  for (const verdict of more) {
    const { title, differs, record, theirs, ours } = verdict;
    if (stands(verdict) && !values.all) continue;
    const mark = stands(verdict) ? (differs ? `differs (docs/adr/${record})` : 'same') : 'WRONG';
    process.stdout.write(`${mark}: ${title}\n`);
    if (differs) process.stdout.write(`  Toxiproxy: ${theirs}\n  Faultline: ${ours}\n`);
    else if (record !== undefined)
      process.stdout.write(`  the same, though docs/adr/${record} says otherwise: ${ours}\n`);
  }
}
