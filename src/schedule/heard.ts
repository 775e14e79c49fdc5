import type { OccurrenceRecord, ScheduleStore } from './contract.ts';

/** The same store; `hear` is called with each entry once it is recorded. */
export function heard(store: ScheduleStore, hear: (entry: OccurrenceRecord) => void): ScheduleStore {
  return {
    claim: (schedule, due) => store.claim(schedule, due),
    history: (schedule, limit) => store.history(schedule, limit),
    settled: (schedule) => store.settled(schedule),
    settle: (schedule, untilMs) => store.settle(schedule, untilMs),
    async record(entry) {
      await store.record(entry);
      hear(entry);
    },
  };
}
