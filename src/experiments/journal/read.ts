import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { JournalEvent, JournalEventOf, JournalType } from '../../core/journal.ts';
import { JOURNAL_FILE } from './folder.ts';

/**
 * Reads what a run recorded, in order. A torn line (the writer was killed in the middle of it) is left out; an event of
 * a type that this version does not know stays in the list.
 * @throws the system's error when there is no journal
 */
export function readJournal(folder: string): JournalEvent[] {
  return readFileSync(join(folder, JOURNAL_FILE), 'utf8')
    .split('\n')
    .map(readLine)
    .filter((event) => event !== undefined);
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
