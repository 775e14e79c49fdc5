import type pg from 'pg';

/** Numbered from 1; one that was ever applied is never edited. */
const MIGRATIONS: readonly string[] = [
  `
  create table faultline_runs (
    id text primary key,
    experiment text not null,
    controller text not null,
    started_at timestamptz,
    row jsonb not null,
    summary jsonb not null,
    recorded_at timestamptz not null default now()
  );
  create index faultline_runs_by_experiment on faultline_runs (experiment, id desc);
  `,
  `
  create table faultline_claims (
    schedule text not null,
    due text not null,
    controller text not null,
    claimed_at timestamptz not null default now(),
    primary key (schedule, due)
  );
  create table faultline_occurrences (
    id bigint generated always as identity primary key,
    schedule text not null,
    entry jsonb not null
  );
  create index faultline_occurrences_by_schedule on faultline_occurrences (schedule, id desc);
  create table faultline_settled (
    schedule text primary key,
    until_ms bigint not null
  );
  `,
  `
  alter table faultline_settled add column rule text;
  create table faultline_schedules (
    name text primary key,
    entry jsonb not null,
    made_by text not null,
    made_at timestamptz not null default now()
  );
  create table faultline_pauses (
    schedule text primary key,
    paused boolean not null
  );
  `,
];

/** Any number that no other program of this database takes; two controllers that start at once migrate one after the other. */
const MIGRATION_LOCK = 7_420_118;

/** Brings the tables to this version. Safe to call from several controllers at once. */
export async function migrate(client: pg.ClientBase): Promise<void> {
  await client.query('select pg_advisory_lock($1)', [MIGRATION_LOCK]);
  try {
    await client.query(
      'create table if not exists faultline_migrations (number integer primary key, at timestamptz not null default now())',
    );
    const { rows } = await client.query<{ number: number }>(
      'select coalesce(max(number), 0)::int as number from faultline_migrations',
    );
    for (let number = rows[0]!.number + 1; number <= MIGRATIONS.length; number++) {
      await client.query('begin');
      await client.query(MIGRATIONS[number - 1]!);
      await client.query('insert into faultline_migrations (number) values ($1)', [number]);
      await client.query('commit');
    }
  } catch (error) {
    await client.query('rollback').catch(() => {});
    throw error;
  } finally {
    await client.query('select pg_advisory_unlock($1)', [MIGRATION_LOCK]).catch(() => {});
  }
}
