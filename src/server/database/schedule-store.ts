import type { OccurrenceRecord, ScheduleStore } from '../../schedule/contract.ts';
import type { Database } from './database.ts';

/** What schedules did, shared by controllers: an occurrence is taken by whoever inserts its row. */
export function databaseScheduleStore(database: Pick<Database, 'query'>, controller: string): ScheduleStore {
  return {
    async claim(schedule, due) {
      const rows = await database.query(
        'insert into faultline_claims (schedule, due, controller) values ($1, $2, $3) on conflict do nothing returning due',
        [schedule, due, controller],
      );
      return rows.length === 1;
    },
    async record(entry) {
      await database.query('insert into faultline_occurrences (schedule, entry) values ($1, $2)', [
        entry.schedule,
        entry,
      ]);
    },
    async history(schedule, limit) {
      const rows = await database.query<{ entry: OccurrenceRecord }>(
        'select entry from faultline_occurrences where schedule = $1 order by id desc limit $2',
        [schedule, limit],
      );
      return rows.map(({ entry }) => entry);
    },
    async settled(schedule) {
      const [row] = await database.query<{ until_ms: string; rule: string | null }>(
        'select until_ms, rule from faultline_settled where schedule = $1',
        [schedule],
      );
      return row && { untilMs: Number(row.until_ms), rule: row.rule ?? undefined };
    },
    async settle(schedule, untilMs) {
      await database.query(
        `insert into faultline_settled (schedule, until_ms) values ($1, $2)
         on conflict (schedule) do update set until_ms = greatest(faultline_settled.until_ms, excluded.until_ms)`,
        [schedule, untilMs],
      );
    },
    async begin(schedule, { untilMs, rule }) {
      await database.query(
        `insert into faultline_settled (schedule, until_ms, rule) values ($1, $2, $3)
         on conflict (schedule) do update set until_ms = excluded.until_ms, rule = excluded.rule`,
        [schedule, untilMs, rule],
      );
    },
    async keepOnly(schedules) {
      await database.query('delete from faultline_settled where schedule <> all($1)', [schedules]);
    },
  };
}
