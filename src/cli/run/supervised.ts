import { join } from 'node:path';
import type { LaunchOrder } from '../../core/launch.ts';
import type { FromRun, ToRun } from '../../core/supervision.ts';
import { MOMENT_MS } from '../../experiments/engine/hold.ts';
import { runsFolder } from '../../experiments/journal/index.ts';
import type { Interrupt } from '../interrupt.ts';
import type { Reporter } from '../progress/index.ts';

interface Supervised extends Reporter {
  /**
   * Asks whoever started this process; where nobody is there any more, steps begin. A step that is held when they go ends the run:
   * nobody can let it go, and nobody has said that it may begin.
   */
  readonly beforeStep: NonNullable<LaunchOrder['beforeStep']>;
  /** Why there is no run. */
  refused(reason: string): void;
}

/** Tells whoever started this process which run it is, and lets them stop it. Their end is not this run's end. */
export function supervised(interrupt: Interrupt): Supervised {
  let answer: ((said: 'play' | 'skip') => void) | undefined;
  let asked = 0;
  const hear = (message: unknown) => {
    const said = message as ToRun;
    if (said.type === 'stop') interrupt.stop({ cause: 'halt', text: said.reason, by: said.by });
    if (said.type !== 'step') return;
    answer?.(said.answer);
    answer = undefined;
  };
  const alone = () => {
    if (answer && performance.now() - asked > MOMENT_MS)
      interrupt.stop({ cause: 'halt', text: 'whoever held its next step is gone' });
    answer?.('play');
  };
  process.on('message', hear);
  process.on('disconnect', alone);
  return {
    beforeStep: ({ index, name }) =>
      new Promise((resolve) => {
        answer = resolve;
        asked = performance.now();
        if (process.connected) say({ type: 'before-step', index, name });
        else resolve('play');
      }),
    refused(reason) {
      say({ type: 'refused', reason });
    },
    take(event) {
      if (event.type === 'run-started')
        say({ type: 'run', id: event.run, folder: join(runsFolder(process.cwd()), event.run) });
    },
    close() {
      process.off('message', hear);
      process.off('disconnect', alone);
      if (process.connected) process.disconnect();
    },
  };
}

function say(message: FromRun): void {
  // A supervisor that has gone between the question and the answer needs no answer.
  if (process.connected) process.send?.(message, () => {});
}
