import type { JournalEvent } from '../../core/journal.ts';

export type TimedEvent = JournalEvent & {
  /** Ms since the run began. */
  readonly at: number;
};

/**
 * Gives every event its time since the run began. A run that was taken up again by another process may start its monotonic
 * clock anew; from there on the wall clock bridges the gap.
 */
export function timed(events: readonly JournalEvent[]): readonly TimedEvent[] {
  const result: TimedEvent[] = [];
  let offset = 0;
  for (const event of events) {
    const last = result.at(-1);
    if (last && event.mono + offset < last.at - 1000) {
      const gap = Date.parse(event.t) - Date.parse(last.t);
      offset = last.at + Math.max(0, gap || 0) - event.mono;
    }
    result.push({ ...event, at: event.mono + offset });
  }
  return result;
}

export type TimedEventOf<T extends JournalEvent['type']> = Extract<TimedEvent, { type: T }>;

export function ofType<T extends JournalEvent['type']>(
  events: readonly TimedEvent[],
  type: T,
): readonly TimedEventOf<T>[] {
  return events.filter((event): event is TimedEventOf<T> => event.type === type);
}

export function lastOf<T extends JournalEvent['type']>(
  events: readonly TimedEvent[],
  type: T,
): TimedEventOf<T> | undefined {
  return ofType(events, type).at(-1);
}
