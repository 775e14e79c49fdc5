import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { FaultlineError } from '../core/errors.ts';
import { didYouMean } from '../core/suggest.ts';
import { JOURNAL_FILE, runFolders, runOf, runsFolder } from '../experiments/journal/index.ts';
import { writeReports } from '../report/index.ts';

/** `faultline report RUN`: writes an old run's reports again. */
export async function report(run: string): Promise<number> {
  const written = writeReports(findRun(run));
  process.stdout.write(`report: ${written.html}\n`);
  return 0;
}

function findRun(run: string): string {
  const runs = runsFolder(process.cwd());
  const known = runFolders(runs).map(runOf);
  const candidates =
    run === 'last' ? known.slice(-1).map((id) => join(runs, id)) : [join(runs, run), resolve(run)];
  const found = candidates.find((folder) => existsSync(join(folder, JOURNAL_FILE)));
  if (!found) throw new FaultlineError('UNKNOWN_RUN', { run, runs, suggestion: didYouMean(run, known) });
  return found;
}
