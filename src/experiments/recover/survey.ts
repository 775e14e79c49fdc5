import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { JournalEvent, Owner } from '../../core/journal.ts';
import { firstOf, hasEnded, JOURNAL_FILE, readJournal, runFolders } from '../journal/index.ts';

/** A run whose journal does not end. */
export interface UnfinishedRun {
  readonly run: string;
  readonly folder: string;
  readonly owner: Owner;
  readonly events: readonly JournalEvent[];
}

/** Runs below a folder that were begun and not ended, oldest first. Folders without a journal are none. */
export function unfinishedRuns(runs: string): readonly UnfinishedRun[] {
  return runFolders(runs).flatMap((folder) => unfinishedRun(folder) ?? []);
}

/** The run of a folder, where it was begun and has not ended. */
export function unfinishedRun(folder: string): UnfinishedRun | undefined {
  if (!existsSync(join(folder, JOURNAL_FILE)) || hasEnded(folder)) return undefined;
  const events = readJournal(folder);
  const started = firstOf(events, 'run-started');
  if (!started || firstOf(events, 'run-ended')) return undefined;
  return { run: started.run, folder, owner: started.owner, events };
}
