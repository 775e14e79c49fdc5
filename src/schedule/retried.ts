import type { OccurrenceRecord, ScheduleStore } from './contract.ts';

export interface RetriedStore extends ScheduleStore {
  /** Writes what could not be written before. @throws while it still cannot */
  flush(): Promise<void>;
  /** @throws where it cannot be recorded now; then it is not recorded later either */
  recordNow(entry: OccurrenceRecord): Promise<void>;
}

/** The same store; what cannot be recorded now is kept and recorded later, in its order, so that nothing that happened is lost. */
export function retried(store: ScheduleStore): RetriedStore {
  const waiting: OccurrenceRecord[] = [];
  let last: Promise<void> = Promise.resolve();
  const flush = () => {
    last = last
      .catch(() => {})
      .then(async () => {
        for (let entry = waiting[0]; entry; entry = waiting[0]) {
          await store.record(entry);
          waiting.shift();
        }
      });
    return last;
  };
  return {
    ...store,
    flush,
    async recordNow(entry) {
      await flush();
      await store.record(entry);
    },
    async record(entry) {
      waiting.push(entry);
      await flush().catch(() => {});
    },
  };
}
