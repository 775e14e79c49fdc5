import type { Database } from '../parts.ts';

/** Plans of workspaces, each read once: they hardly ever change. */
export function plansOf(database: Database): (workspaceId: number) => Promise<string | undefined> {
  const known = new Map<number, string>();
  return async (id) => {
    const plan =
      known.get(id) ??
      (await database.read<{ plan: string }>('select plan from workspaces where id = $1', [id]))[0]?.plan;
    if (plan !== undefined) known.set(id, plan);
    return plan;
  };
}
