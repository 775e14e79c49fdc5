import { join } from 'node:path';
import { listening } from './child.ts';

/**
 * A compiled controller: plays the experiment file that it is asked for, with the real monitor, and answers once its fault is in force. Asked
 * for the `end`, it answers when the monitor decided on a breach, ms of the system's monotonic clock, and how long emptying took.
 */
export interface ControllerEnd {
  readonly breachAt: number;
  readonly emptiedMs: number;
  readonly sentence: string;
}

const [, , compiled] = process.argv;
const { loadPlan } = (await import(
  join(compiled!, 'experiments/load.js')
)) as typeof import('../../src/experiments/load.ts');
const { runExperiment } = (await import(
  join(compiled!, 'experiments/run.js')
)) as typeof import('../../src/experiments/run.ts');

let ended: Promise<ControllerEnd> | undefined;

process.on('message', async (message: { run: string; cwd: string } | 'end') => {
  if (message === 'end') process.send!(await ended);
  else ended = play(message.run, message.cwd);
});

async function play(file: string, cwd: string): Promise<ControllerEnd> {
  const { plan, limits } = loadPlan({ file, cwd });
  let breachAt = Number.NaN;
  let emptiedMs = Number.NaN;
  const result = await runExperiment({
    plan,
    limits,
    cwd,
    environment: {},
    signal: new AbortController().signal,
    warn: () => {},
    onEvent(event) {
      if (event.type === 'step-applied') process.send!('applied');
      if (event.type === 'breach') breachAt = Number(process.hrtime.bigint()) / 1e6;
      if (event.type === 'rollback-emptied') emptiedMs = event.tookMs;
      // Refused before anything was injected: nobody must wait for a step.
      if (event.type === 'gate-refused') process.send!(`refused: ${event.reason}`);
    },
  });
  return { breachAt, emptiedMs, sentence: result.sentence };
}

listening(0);
