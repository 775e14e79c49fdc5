import { existsSync } from 'node:fs';
import { join, relative, resolve } from 'node:path';
import { FaultlineError } from '../core/errors.ts';
import { reasonOf } from '../core/reason.ts';
import { didYouMean } from '../core/suggest.ts';
import { JOURNAL_FILE, runFolders, runOf, runsFolder } from '../experiments/journal/index.ts';
import { earlierRuns, writeReports } from '../report/index.ts';

/**
 * The folder of a run: by its id, by a path, or `last`.
 * @throws FaultlineError UNKNOWN_RUN
 */
export function findRun(run: string): string {
  const runs = runsFolder(process.cwd());
  const known = runFolders(runs).map(runOf);
  const candidates =
    run === 'last' ? known.slice(-1).map((id) => join(runs, id)) : [join(runs, run), resolve(run)];
  const found = candidates.find((folder) => existsSync(join(folder, JOURNAL_FILE)));
  if (!found) throw new FaultlineError('UNKNOWN_RUN', { run, runs, suggestion: didYouMean(run, known) });
  return found;
}

/** Writes the reports of a run, with the earlier runs of its experiment beside it. */
export function reportRun(folder: string): ReturnType<typeof writeReports> {
  return writeReports(folder, earlierRuns(folder));
}

/** Writes them; the path of the HTML report from the current folder, or why there is none: what was judged stands all the same. */
export function tryReport(folder: string): string {
  try {
    const { html } = reportRun(folder);
    return relative(process.cwd(), html) || html;
  } catch (error) {
    return `not written (${reasonOf(error)}); "faultline report ${runOf(folder)}" writes it`;
  }
}
