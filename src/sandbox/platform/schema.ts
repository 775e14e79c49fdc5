import type pg from 'pg';

const TABLES = `
  create table if not exists workspaces (
    id integer primary key,
    name text not null,
    plan text not null,
    owner text not null,
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
    finished_at timestamptz,
    attempts integer not null default 0,
    not_before timestamptz
  );
  create index if not exists tasks_by_workspace on tasks (workspace_id, id);
  create index if not exists tasks_by_state on tasks (state) where state <> 'done';
  create index if not exists tasks_finished on tasks (finished_at);
  create table if not exists deliverables (
    id bigint generated always as identity primary key,
    task_id bigint not null references tasks,
    content text not null,
    finish_reason text,
    created_at timestamptz not null default now()
  );
  create index if not exists deliverables_by_task on deliverables (task_id);
  create table if not exists heartbeats (
    service text primary key,
    seen_at timestamptz not null
  );
  create table if not exists provider_keys (
    workspace_id integer not null references workspaces,
    provider text not null,
    key text not null,
    last_four text not null,
    created_at timestamptz not null default now(),
    primary key (workspace_id, provider)
  );
  create table if not exists consolidations (
    id bigint generated always as identity primary key,
    workspace_id integer,
    memories integer not null,
    correlations integer not null,
    insights integer not null,
    complete boolean not null,
    at timestamptz not null default now()
  );
  create table if not exists audit_log (
    id bigint generated always as identity primary key,
    at timestamptz not null,
    actor text not null,
    action text not null,
    object text,
    status integer not null
  );
  create or replace function refuse_change() returns trigger language plpgsql as
    $$ begin raise exception 'audit_log is append-only'; end $$;
  create or replace trigger audit_log_append_only before update or delete or truncate on audit_log
    for each statement execute function refuse_change();
  create or replace view invariants as select
    (select count(*) from tasks where state = 'lost') as lost,
    (select count(*) - count(distinct task_id) from deliverables) as duplicated,
    (select count(*) from tasks t where state = 'done'
       and not exists (select from deliverables d where d.task_id = t.id)) as without_deliverable,
    (select count(*) from tasks t where state in ('lost', 'failed')
       and exists (select from deliverables d where d.task_id = t.id)) as finished_and_given_up;
`;

type Unfinished = 'lost' | 'requeued';

/**
 * Creates tables and demo workspaces, each with its owner. The view `invariants` counts tasks that were lost or done
 * twice, are done without a deliverable, or were given up though theirs is stored.
 * @param unfinished what becomes of tasks that a former process left: `lost`, for they lived in its memory, or `requeued`
 */
export async function prepareSchema(
  pool: pg.Pool,
  workspaces: number,
  unfinished: Unfinished = 'lost',
): Promise<void> {
  await pool.query(TABLES);
  await pool.query(
    `insert into workspaces (id, name, plan, owner)
     select n, 'Workspace ' || n, (array['starter', 'team', 'enterprise'])[1 + n % 3], 'user-' || n
     from generate_series(1, $1) as n on conflict do nothing`,
    [workspaces],
  );
  const left = unfinished === 'lost' ? `state = 'lost'` : `state = 'pending', taken_at = null`;
  await pool.query(`update tasks set ${left} where state in ('pending', 'running')`);
}
