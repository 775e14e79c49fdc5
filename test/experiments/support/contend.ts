import { isGone, ownIdentity } from '../../../src/drivers/process.ts';
import { takePlace } from '../../../src/experiments/places.ts';

/** Asks for the one place in each of many folders, at the same instants as the other processes that do. Prints those it got. */
const [start, ...folders] = process.argv.slice(2) as [string, ...string[]];
const won: string[] = [];
for (const [index, runs] of folders.entries()) {
  // Busy until the very millisecond: a timer would spread the contenders out.
  while (Date.now() < Number(start) + index * 10);
  const place = takePlace({ runs, run: `of ${process.pid}`, owner: ownIdentity(), places: 1, isGone });
  if ('release' in place) won.push(runs);
}
process.stdout.write(JSON.stringify(won));
// Who has a place lives until all have asked.
setTimeout(() => {}, 1500);
