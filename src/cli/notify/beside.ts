import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import { join, relative } from 'node:path';
import type { JournalEvent } from '../../core/journal.ts';
import { reasonOf } from '../../core/reason.ts';
import { runsFolder } from '../../experiments/journal/index.ts';
import { loadChannels, tracesWanted } from '../../notify/index.ts';

/** How long a command that is over waits for what is told last; what takes longer goes on without it. */
const PATIENCE_MS = 15_000;

export interface TellerBeside {
  take(event: JournalEvent): void;
  /** Waits for what is told last, for 15 s at most. */
  close(): Promise<void>;
}

/**
 * Tells of each run from a process beside it, which reads the run's journal: a channel that hangs costs the run nothing, and the end
 * is told also when the run's own process was killed. Nothing is started where nobody is to be told.
 * @throws FaultlineErrors for a file of notifications that is wrong, before anything is touched
 */
export function tellerBeside(notify: string | undefined): TellerBeside {
  const cwd = process.cwd();
  const channels = loadChannels({ cwd, file: notify, environment: process.env });
  if (channels.length === 0 && !tracesWanted(process.env)) return { take() {}, async close() {} };
  const children: ChildProcess[] = [];
  const ends: Promise<void>[] = [];
  return {
    take(event) {
      if (event.type !== 'run-started') return;
      const log = join(runsFolder(cwd), event.run, 'notify.log');
      try {
        const child = start(event.run, notify, log);
        children.push(child);
        ends.push(endOf(child, relative(cwd, log)));
      } catch (error) {
        // The run goes on: who is told of it is no reason to end it.
        process.stderr.write(`nobody is told of this run: ${reasonOf(error)}\n`);
      }
    },
    async close() {
      let timer: NodeJS.Timeout | undefined;
      const patience = new Promise<void>((resolve) => {
        timer = setTimeout(resolve, PATIENCE_MS);
      });
      await Promise.race([Promise.all(ends), patience]);
      clearTimeout(timer);
      for (const child of children) child.unref();
    },
  };
}

/** In a group of its own, so that Ctrl-C reaches only the run. */
function start(run: string, notify: string | undefined, log: string): ChildProcess {
  const out = openSync(log, 'a', 0o600);
  try {
    return spawn(
      process.execPath,
      [
        ...[...process.execArgv, process.argv[1]!, 'notify', 'follow', run],
        ...(notify === undefined ? [] : ['--notify', notify]),
      ],
      { detached: true, stdio: ['ignore', out, out] },
    );
  } finally {
    closeSync(out);
  }
}

function endOf(child: ChildProcess, log: string): Promise<void> {
  return new Promise((resolve) => {
    const say = (failed: boolean) => {
      if (failed) process.stderr.write(`not everybody could be told of this run: ${log} says why\n`);
      resolve();
    };
    child.once('error', () => say(true));
    child.once('exit', (code) => say(code !== 0));
  });
}
