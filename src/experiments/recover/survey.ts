import { closeSync, existsSync, fstatSync, openSync, readSync } from 'node:fs';
import { join } from 'node:path';
import type { JournalEvent, Owner } from '../../core/journal.ts';
import { firstOf, JOURNAL_FILE, readJournal, runFolders } from '../journal/index.ts';

/** A run whose journal does not end. */
export interface UnfinishedRun {
  readonly run: string;
  readonly folder: string;
  readonly owner: Owner;
  readonly events: readonly JournalEvent[];
}

/** `run-ended` is the last line of a journal, so its end tells. */
const TAIL = 64 * 1024;

/** Runs below a folder that were begun and not ended, oldest first. Folders without a journal are none. */
export function unfinishedRuns(runs: string): readonly UnfinishedRun[] {
  return runFolders(runs)
    .filter((folder) => existsSync(join(folder, JOURNAL_FILE)) && !hasEnded(folder))
    .flatMap((folder) => {
      const events = readJournal(folder);
      const started = firstOf(events, 'run-started');
      if (!started || firstOf(events, 'run-ended')) return [];
      return [{ run: started.run, folder, owner: started.owner, events }];
    });
}

function hasEnded(folder: string): boolean {
  const file = openSync(join(folder, JOURNAL_FILE), 'r');
  try {
    const { size } = fstatSync(file);
    const tail = Buffer.alloc(Math.min(size, TAIL));
    readSync(file, tail, 0, tail.length, size - tail.length);
    return tail.includes('"type":"run-ended"');
  } finally {
    closeSync(file);
  }
}
