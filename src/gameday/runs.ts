import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { LaunchEnd } from '../core/launch.ts';
import {
  firstOf,
  JOURNAL_FILE,
  lastOf,
  readJournal,
  runFolders,
  runOf,
  runsFolder,
} from '../experiments/journal/index.ts';

const BY = 'game day ';

/** What runs record of who started them. */
export function startedBy(id: string): string {
  return `${BY}${id}`;
}

/** The game day that has started a run; undefined where somebody else did. */
export function gameDayBehind(by: string | undefined): string | undefined {
  return by?.startsWith(BY) ? by.slice(BY.length) : undefined;
}

/** The run that a game day has begun since a time, ms since 1970, beside those that it knows. */
export function runBegunBy(
  id: string,
  { cwd, since, known }: { readonly cwd: string; readonly since: number; readonly known: readonly string[] },
): string | undefined {
  // Ids begin with the second in which the run began.
  const earliest = new Date(since).toISOString().slice(0, 19).replaceAll(/[-:]/g, '').replace('T', '-');
  const runs = runsFolder(cwd);
  return runFolders(runs)
    .map(runOf)
    .filter((run) => run >= earliest && !known.includes(run))
    .find((run) => firstOf(journalOf(join(runs, run)), 'run-started')?.by === startedBy(id));
}

/** What a run came to, by its journal alone. */
export function endOfRun(cwd: string, run: string): LaunchEnd {
  const end = lastOf(journalOf(join(runsFolder(cwd), run)), 'run-ended');
  const sentence = 'its process ended without an end in its journal; "faultline recover" writes it';
  return end ?? { verdict: 'inconclusive', exit: 5, sentence };
}

function journalOf(folder: string) {
  return existsSync(join(folder, JOURNAL_FILE)) ? readJournal(folder) : [];
}
