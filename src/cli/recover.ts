import { EXIT } from '../core/verdict.ts';
import { runOf, runsFolder } from '../experiments/journal/index.ts';
import { recoverAbandoned } from '../experiments/recover.ts';
import { findRun, tryReport } from './runs.ts';

/**
 * `faultline recover`: 0 when nothing is left of any abandoned run, 4 where that could not be proven.
 * @throws FaultlineError UNKNOWN_RUN for a run that is named and not there
 */
export async function recover(run: string | undefined): Promise<number> {
  const only = run === undefined ? undefined : runOf(findRun(run));
  const { recovered, live } = await recoverAbandoned({ runsFolder: runsFolder(process.cwd()), only });
  for (const { run: id, folder, sentence } of recovered) {
    process.stdout.write(`${id}: ${sentence}\n  report: ${tryReport(folder)}\n`);
  }
  for (const { run: id, why } of live) process.stdout.write(`${id}: left alone, ${why}\n`);
  if (recovered.length === 0 && live.length === 0)
    process.stdout.write(only === undefined ? 'No run was left unfinished.\n' : `${only}: it has ended\n`);
  return recovered.some(({ exit }) => exit === EXIT.rollbackNotProven) ? EXIT.rollbackNotProven : 0;
}
