import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Case } from './case.ts';
import { playCase } from './play.ts';
import { PLAYED } from './play-all.ts';

/** Plays the case given as JSON in the folder given after it, and says there in which folder its run is. */
const [played, folder] = process.argv.slice(2) as [string, string];
const stopped = new AbortController();
for (const name of ['SIGINT', 'SIGTERM'] as const) {
  process.once(name, () => stopped.abort({ cause: 'signal', text: name }));
}
const run = await playCase(JSON.parse(played) as Case, folder, stopped.signal);
if (!stopped.signal.aborted) writeFileSync(join(folder, PLAYED), run);
