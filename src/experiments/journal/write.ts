import { type FileHandle, open } from 'node:fs/promises';
import { join } from 'node:path';
import { type Clock, systemClock } from '../../core/clock.ts';
import { JOURNAL_VERSION, type JournalBody, type JournalEvent } from '../../core/journal.ts';
import { reasonOf } from '../../core/reason.ts';
import { JOURNAL_FILE } from './folder.ts';

/** Writes whole lines at the end of the journal; with `sync` they are on the disk when it resolves. */
export type WriteLines = (lines: string, sync: boolean) => Promise<void>;

export interface JournalOptions {
  readonly folder: string;
  readonly clock?: Clock;
  /** Instead of the file `journal.jsonl`. */
  readonly write?: WriteLines;
  /** What becomes of a line before it is written, so that no secret gets in. */
  readonly redact?: (line: string) => string;
  /** The clock's time at which the run began, and the number of the last event, when a journal is taken up again. */
  readonly began?: number;
  readonly last?: number;
  /** Called once, at the first line that could not be written. */
  readonly onFailure?: (reason: string) => void;
}

export interface Journal {
  readonly folder: string;
  /** The clock's time that `mono` counts from. */
  readonly began: number;
  /**
   * Adds an event. With `sync`, resolves when it is on the disk and rejects when it cannot be written: the act it
   * announces must then not happen. Without, never rejects and need not be waited for.
   */
  append(body: JournalBody, options: { readonly sync: boolean }): Promise<void>;
  /** Each event: a synced one once it is on the disk, any other at once. The answer ends it. */
  subscribe(listener: (event: JournalEvent) => void): () => void;
  /** Events so far, without samples, observations and renewals. */
  readonly events: readonly JournalEvent[];
  /** Why lines could not be written. */
  readonly failures: readonly string[];
  /** Waits for what is under way, for at most `patienceMs`. Never rejects. */
  close(patienceMs?: number): Promise<void>;
}

interface Pending {
  readonly line: string;
  readonly sync: boolean;
  done(): void;
  failed(error: unknown): void;
}

const BULKY: ReadonlySet<string> = new Set(['sample', 'observation', 'renewed']);

/** Opens `journal.jsonl` in a run's folder for appending; the file is made at the first event. */
export function openJournal(options: JournalOptions): Journal {
  const { folder, clock = systemClock, redact = (line) => line } = options;
  const file = options.write ? undefined : journalFile(folder, (options.last ?? 0) > 0);
  const write = options.write ?? file!.write;
  const began = options.began ?? clock.now();
  const listeners = new Set<(event: JournalEvent) => void>();
  const events: JournalEvent[] = [];
  const failures: string[] = [];
  let last = options.last ?? 0;
  let queue: Pending[] = [];
  let writing: Promise<void> | undefined;

  const tell = (event: JournalEvent) => {
    if (!BULKY.has(event.type)) events.push(event);
    for (const listener of listeners) {
      try {
        listener(event);
      } catch (error) {
        fail(error);
      }
    }
  };

  const fail = (error: unknown) => {
    const reason = reasonOf(error);
    if (failures.includes(reason)) return;
    failures.push(reason);
    if (failures.length === 1) options.onFailure?.(reason);
  };

  // One write at a time, and all that has gathered meanwhile in the next: lines keep their order and syncs are shared.
  const drain = async () => {
    while (queue.length > 0) {
      const batch = queue;
      queue = [];
      try {
        await write(
          batch.map((pending) => pending.line).join(''),
          batch.some((pending) => pending.sync),
        );
        for (const pending of batch) pending.done();
      } catch (error) {
        fail(error);
        for (const pending of batch) pending.failed(error);
      }
    }
    writing = undefined;
  };

  return {
    folder,
    began,
    events,
    failures,
    append(body, { sync }) {
      const event = {
        v: JOURNAL_VERSION,
        n: ++last,
        t: new Date(clock.wall()).toISOString(),
        mono: Math.round((clock.now() - began) * 1000) / 1000,
        ...body,
      } as JournalEvent;
      const written = new Promise<void>((resolve, reject) => {
        queue.push({
          line: `${redact(JSON.stringify(event))}\n`,
          sync,
          done() {
            if (sync) tell(event);
            resolve();
          },
          failed: (error) => (sync ? reject(error) : resolve()),
        });
      });
      if (!sync) tell(event);
      writing ??= drain();
      return written;
    },
    subscribe(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    async close(patienceMs = 2000) {
      let cancel = () => {};
      const patience = new Promise<void>((resolve) => {
        cancel = clock.after(patienceMs, () => {
          fail(new Error('the journal could not be written in time'));
          resolve();
        });
      });
      await Promise.race([
        (async () => {
          while (writing) await writing;
        })(),
        patience,
      ]);
      cancel();
      await file?.close();
    },
  };
}

function journalFile(folder: string, takenUp: boolean) {
  let handle: FileHandle | undefined;
  // A write that failed half way leaves a torn line; the next one must not be glued to it.
  let torn = takenUp;
  return {
    async write(lines: string, sync: boolean) {
      handle ??= await create(folder);
      const text = torn ? `\n${lines}` : lines;
      torn = true;
      await handle.appendFile(text);
      torn = false;
      if (sync) await handle.datasync();
    },
    async close() {
      await handle?.close().catch(() => {});
    },
  };
}

async function create(folder: string): Promise<FileHandle> {
  const handle = await open(join(folder, JOURNAL_FILE), 'a', 0o600);
  // The file's name must survive a power cut as well as its lines.
  const directory = await open(folder, 'r');
  await directory.sync().finally(() => directory.close());
  return handle;
}
