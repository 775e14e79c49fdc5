import type pg from 'pg';

const TABLES = `
  create table if not exists workspaces (
    id integer primary key,
    name text not null,
    plan text not null,
    created_at timestamptz not null default now()
  );
  create table if not exists tasks (
    id bigint generated always as identity primary key,
    workspace_id integer not null references workspaces,
    title text not null,
    state text not null default 'pending' check (state in ('pending', 'running', 'done', 'failed', 'lost')),
    created_at timestamptz not null default now(),
    taken_at timestamptz,
    started_at timestamptz,
    finished_at timestamptz
  );
  create index if not exists tasks_by_workspace on tasks (workspace_id, id);
  create index if not exists tasks_by_state on tasks (state) where state <> 'done';
  create index if not exists tasks_finished on tasks (finished_at);
  create table if not exists deliverables (
    task_id bigint primary key references tasks,
    content text not null,
    finish_reason text,
    created_at timestamptz not null default now()
  );
  create table if not exists heartbeats (
    service text primary key,
    seen_at timestamptz not null
  );
`;

/** Creates tables and demo workspaces. Unfinished tasks of a former process lived in its memory: they are lost. */
export async function prepareSchema(pool: pg.Pool, workspaces: number): Promise<void> {
  await pool.query(TABLES);
  await pool.query(
    `insert into workspaces (id, name, plan)
     select n, 'Workspace ' || n, (array['starter', 'team', 'enterprise'])[1 + n % 3]
     from generate_series(1, $1) as n on conflict do nothing`,
    [workspaces],
  );
  await pool.query(`update tasks set state = 'lost' where state in ('pending', 'running')`);
}
