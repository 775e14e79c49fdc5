import { join } from 'node:path';
import type { FromRun, ToRun } from '../../core/supervision.ts';
import { runsFolder } from '../../experiments/journal/index.ts';
import type { Interrupt } from '../interrupt.ts';
import type { Reporter } from '../progress/index.ts';

/** Tells whoever started this process which run it is, and lets them stop it. Their end is not this run's end. */
export function supervised(interrupt: Interrupt): Reporter {
  const hear = (message: unknown) => {
    const said = message as ToRun;
    if (said.type === 'stop') interrupt.stop({ cause: 'halt', text: said.reason, by: said.by });
  };
  process.on('message', hear);
  return {
    take(event) {
      if (event.type === 'run-started')
        say({ type: 'run', id: event.run, folder: join(runsFolder(process.cwd()), event.run) });
    },
    close() {
      process.off('message', hear);
      if (process.connected) process.disconnect();
    },
  };
}

function say(message: FromRun): void {
  // A supervisor that has gone between the question and the answer needs no answer.
  if (process.connected) process.send?.(message, () => {});
}
