import { open } from 'node:fs/promises';
import { join } from 'node:path';
import { sleep, systemClock } from '../../core/clock.ts';
import type { JournalEvent } from '../../core/journal.ts';
import { JOURNAL_FILE } from './folder.ts';
import { eventsIn } from './read.ts';

const LOOK_MS = 200;
const CHUNK = 256 * 1024;

/** It may be there at the next look: not made yet, or this process has as many files open as it may. */
const PASSING: ReadonlySet<string | undefined> = new Set(['ENOENT', 'EMFILE', 'ENFILE']);

/**
 * Reads a journal as it grows. The file is the one record of a run, so a run is followed in the same way whoever started it and
 * whether or not this process was there from its beginning.
 */
class JournalTail {
  readonly #path: string;
  #offset = 0;
  #rest = Buffer.alloc(0);

  constructor(folder: string) {
    this.#path = join(folder, JOURNAL_FILE);
  }

  /** Events that were written since the last call; a line that is not whole yet waits. */
  async read(): Promise<readonly JournalEvent[]> {
    const file = await open(this.#path, 'r').catch((error: NodeJS.ErrnoException) => {
      if (PASSING.has(error.code)) return undefined;
      throw error;
    });
    if (!file) return [];
    try {
      const events: JournalEvent[] = [];
      const chunk = Buffer.alloc(CHUNK);
      for (;;) {
        const { bytesRead } = await file.read(chunk, 0, CHUNK, this.#offset);
        if (bytesRead === 0) return events;
        this.#offset += bytesRead;
        const lines = Buffer.concat([this.#rest, chunk.subarray(0, bytesRead)]);
        const end = lines.lastIndexOf(0x0a) + 1;
        this.#rest = Buffer.from(lines.subarray(end));
        events.push(...eventsIn(lines.subarray(0, end).toString('utf8')));
      }
    } finally {
      await file.close();
    }
  }
}

/** Calls `take` with what is new until it answers false or `signal` aborts. */
export async function followJournal(
  folder: string,
  take: (events: readonly JournalEvent[]) => boolean,
  signal: AbortSignal,
): Promise<void> {
  const tail = new JournalTail(folder);
  while (!signal.aborted) {
    if (!take(await tail.read())) return;
    await sleep(systemClock, LOOK_MS, signal);
  }
}
