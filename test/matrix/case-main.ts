import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Case } from './case.ts';
import { playCase } from './play.ts';

/** Plays the case given as JSON in the folder given after it, and leaves `outcome.json` there. */
const [played, folder] = process.argv.slice(2) as [string, string];
const stopped = new AbortController();
for (const name of ['SIGINT', 'SIGTERM'] as const) {
  process.once(name, () => stopped.abort({ cause: 'signal', text: name }));
}
const outcome = await playCase(JSON.parse(played) as Case, folder, stopped.signal);
writeFileSync(join(folder, 'outcome.json'), JSON.stringify(outcome, null, 2));
