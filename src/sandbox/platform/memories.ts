import { type Memory, memoryOf } from './memory.ts';
import type { Database } from './parts.ts';

/** What a workspace remembers before it has done anything: what it is, and for whom. */
const OF_EACH = `select id, name as text from workspaces union all select id, name || ' on ' || plan from workspaces`;
const OF_DELIVERABLES = `
  select t.workspace_id as id, t.id || ' ' || t.title as text
  from deliverables d join tasks t on t.id = d.task_id
  where $1::int is null or t.workspace_id = $1 order by d.id desc limit 500`;

/** The names of a workspace's memories, or of all workspaces' together; the latest first. */
export async function namesOfMemories(database: Database, workspaceId?: number): Promise<string[]> {
  const rows = await database.read<{ text: string }>(
    `select text from (${OF_DELIVERABLES}) as recent
     union all select text from (${OF_EACH}) as each where $1::int is null or id = $1`,
    [workspaceId ?? null],
    'low',
  );
  return rows.map(({ text }) => text);
}

/** Each name `factor` times over, as so many memories. */
export function multiply(names: readonly string[], factor: number): string[] {
  return Array.from({ length: names.length * factor }, (_, at) => {
    const copy = Math.floor(at / names.length);
    return `${names[at % names.length]} ${copy}`;
  });
}

/** All of them at once: nothing else is done meanwhile. */
export function remember(names: readonly string[], features: number): Memory[] {
  return names.map((name) => memoryOf(name, features));
}

/** One after the other: others get their turn in between. */
export async function rememberGently(names: readonly string[], features: number): Promise<Memory[]> {
  const memories: Memory[] = [];
  for (const name of names) {
    memories.push(memoryOf(name, features));
    await new Promise((resolve) => setImmediate(resolve));
  }
  return memories;
}

/** Writes down what a cycle found. */
export async function record(
  database: Database,
  workspaceId: number | undefined,
  cycle: { memories: number; correlations: number; insights: number; complete: boolean },
): Promise<void> {
  await database.write(
    (client) =>
      client.query(
        `insert into consolidations (workspace_id, memories, correlations, insights, complete)
         values ($1, $2, $3, $4, $5)`,
        [workspaceId ?? null, cycle.memories, cycle.correlations, cycle.insights, cycle.complete],
      ),
    'low',
  );
}
