import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { runFolders, runOf } from '../experiments/journal/index.ts';
import type { PastRun } from './findings.ts';
import { pastRun } from './summarise.ts';
import type { Summary } from './summary.ts';

/** As far back as a report looks. */
const MOST = 30;

/** What the runs of the same experiment that began before this one left in their reports; runs without a report that can be read are left out. */
export function earlierRuns(runFolder: string): readonly PastRun[] {
  const own = runOf(runFolder);
  const name = nameIn(own);
  return runFolders(dirname(runFolder))
    .filter((folder) => runOf(folder) < own && nameIn(runOf(folder)) === name)
    .slice(-MOST)
    .flatMap((folder) => {
      try {
        return [pastRun(JSON.parse(readFileSync(join(folder, 'report.json'), 'utf8')) as Summary)];
      } catch {
        // It was never written, or is of an older kind.
        return [];
      }
    });
}

/** `20261121-093000-openai-outage-cascade-ab12` without its time and its suffix. */
function nameIn(run: string): string {
  return run.replace(/^\d+-\d+-/, '').replace(/-[^-]*$/, '');
}
