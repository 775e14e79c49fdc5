import type { ScheduleBook } from '../../schedule/contract.ts';
import type { Database } from './database.ts';

/** Schedules that were made over the API and what is paused, shared by controllers. */
export function databaseScheduleBook(database: Pick<Database, 'query'>): ScheduleBook {
  return {
    async read() {
      const made = await database.query<{ entry: unknown; by: string }>(
        'select entry, made_by as by from faultline_schedules order by name',
      );
      const pauses = await database.query<{ schedule: string; paused: boolean }>(
        'select schedule, paused from faultline_pauses',
      );
      return { made, paused: new Map(pauses.map(({ schedule, paused }) => [schedule, paused])) };
    },
    async put(name, entry, by) {
      await database.query(
        `insert into faultline_schedules (name, entry, made_by) values ($1, $2, $3)
         on conflict (name) do update set entry = excluded.entry, made_by = excluded.made_by, made_at = now()`,
        [name, entry, by],
      );
    },
    async remove(name) {
      await database.query(
        `with made as (delete from faultline_schedules where name = $1)
         delete from faultline_pauses where schedule = $1`,
        [name],
      );
    },
    async pause(name, paused) {
      await database.query(
        `insert into faultline_pauses (schedule, paused) values ($1, $2)
         on conflict (schedule) do update set paused = excluded.paused`,
        [name, paused],
      );
    },
  };
}
