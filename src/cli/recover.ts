import { relative } from 'node:path';
import { EXIT } from '../core/verdict.ts';
import { runsFolder } from '../experiments/journal/index.ts';
import { recoverAbandoned } from '../experiments/recover.ts';
import { reportRun } from './runs.ts';

/** `faultline recover`: 0 when nothing is left of any abandoned run, 4 where that could not be proven. */
export async function recover(): Promise<number> {
  const { recovered, live } = await recoverAbandoned({ runsFolder: runsFolder(process.cwd()) });
  for (const run of recovered) {
    const { html } = reportRun(run.folder);
    process.stdout.write(`${run.run}: ${run.sentence}\n  report: ${relative(process.cwd(), html)}\n`);
  }
  for (const { run, why } of live) process.stdout.write(`${run}: left alone, ${why}\n`);
  if (recovered.length === 0 && live.length === 0) process.stdout.write('No run was left unfinished.\n');
  return recovered.some((run) => run.exit === EXIT.rollbackNotProven) ? EXIT.rollbackNotProven : 0;
}
