import type { Database } from './parts.ts';

/** The slow part of a workspace: itself and its latest deliverables; nothing when there is no such workspace. */
export async function loadOverview(database: Database, id: number): Promise<object | undefined> {
  const [workspace] = await database.read('select id, name, plan from workspaces where id = $1', [id]);
  if (!workspace) return undefined;
  const latest = await database.read(
    `select t.id, t.title, left(d.content, 200) as summary from tasks t join deliverables d on d.task_id = t.id
     where t.workspace_id = $1 order by t.id desc limit 5`,
    [id],
  );
  return { ...workspace, latest };
}

/** How many tasks of a workspace are in each state. */
export async function countsOf(database: Database, id: number): Promise<Record<string, number>> {
  const rows = await database.read<{ state: string; count: number }>(
    'select state, count(*)::int as count from tasks where workspace_id = $1 group by state',
    [id],
  );
  return Object.fromEntries(rows.map((row) => [row.state, row.count]));
}
