import { closeSync, existsSync, fstatSync, openSync, readFileSync, readSync } from 'node:fs';
import { join } from 'node:path';
import type { JournalEvent, JournalEventOf, JournalType } from '../../core/journal.ts';
import { JOURNAL_FILE } from './folder.ts';

/**
 * Reads what a run recorded, in order. A torn line (the writer was killed in the middle of it) is left out; an event of
 * a type that this version does not know stays in the list.
 * @throws the system's error when there is no journal
 */
export function readJournal(folder: string): JournalEvent[] {
  return eventsIn(readFileSync(join(folder, JOURNAL_FILE), 'utf8'));
}

/** The events of lines of a journal; those that are none are left out. */
export function eventsIn(lines: string): JournalEvent[] {
  return lines
    .split('\n')
    .map(readLine)
    .filter((event) => event !== undefined);
}

/** `run-ended` is the last line of a journal, so its end tells. */
const TAIL = 64 * 1024;

/** Whether a run is over, by the end of its journal alone; one without a journal is not. */
export function hasEnded(folder: string): boolean {
  if (!existsSync(join(folder, JOURNAL_FILE))) return false;
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

function readLine(line: string): JournalEvent | undefined {
  if (line === '') return undefined;
  try {
    const event = JSON.parse(line) as Partial<JournalEvent> | null;
    const whole = typeof event === 'object' && event !== null && typeof event.type === 'string';
    return whole && typeof event.n === 'number' ? (event as JournalEvent) : undefined;
  } catch {
    return undefined;
  }
}

/** All events of one type, in order. */
export function eventsOf<T extends JournalType>(
  events: readonly JournalEvent[],
  type: T,
): readonly JournalEventOf<T>[] {
  return events.filter((event): event is JournalEventOf<T> => event.type === type);
}

/** The first event of a type, if there is one. */
export function firstOf<T extends JournalType>(
  events: readonly JournalEvent[],
  type: T,
): JournalEventOf<T> | undefined {
  return events.find((event): event is JournalEventOf<T> => event.type === type);
}

/** The last event of a type, if there is one. */
export function lastOf<T extends JournalType>(
  events: readonly JournalEvent[],
  type: T,
): JournalEventOf<T> | undefined {
  return events.findLast((event): event is JournalEventOf<T> => event.type === type);
}
