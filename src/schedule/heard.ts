import type { OccurrenceRecord, ScheduleStore } from './contract.ts';

/** The same store; `hear` is called with each entry once it is recorded. */
export function heard(store: ScheduleStore, hear: (entry: OccurrenceRecord) => void): ScheduleStore {
  return {
    ...store,
    async record(entry) {
      await store.record(entry);
      hear(entry);
    },
  };
}
