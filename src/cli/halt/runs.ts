import { setTimeout as wait } from 'node:timers/promises';
import { isGone } from '../../drivers/process.ts';
import { firstOf, readJournal } from '../../experiments/journal/index.ts';
import type { UnfinishedRun } from '../../experiments/recover/survey.ts';

/** What became of a run, in a sentence without a full stop. */
export interface RunFate {
  readonly run: string;
  readonly text: string;
  /** Its faults are known to be taken back. */
  readonly over: boolean;
}

/** A run looks for the stop file four times a second; the rest is for its data plane and for a busy machine. */
const PATIENCE_MS = 10_000;
const LOOK_MS = 100;

/** Waits until each run says in its journal that its faults are taken back, or that it is over. */
export function runsEnd(runs: readonly UnfinishedRun[]): Promise<readonly RunFate[]> {
  const deadline = performance.now() + PATIENCE_MS;
  return Promise.all(runs.map((run) => ends(run, deadline)));
}

async function ends({ run, folder, owner }: UnfinishedRun, deadline: number): Promise<RunFate> {
  if (isGone(owner)) {
    return {
      run,
      text: 'its process is gone; "faultline recover" ends it and writes its report',
      over: true,
    };
  }
  for (;;) {
    const events = readJournal(folder);
    if (firstOf(events, 'run-ended')) return { run, text: 'has ended', over: true };
    if (firstOf(events, 'rollback-emptied'))
      return { run, text: 'has taken its faults back and is ending', over: true };
    if (performance.now() > deadline) {
      return {
        run,
        text: `has not ended within ${PATIENCE_MS / 1000} s (process ${owner.pid})`,
        over: false,
      };
    }
    await wait(LOOK_MS);
  }
}
