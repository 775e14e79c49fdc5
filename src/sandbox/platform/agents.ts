const TITLES = [
  'Summarise the customer interviews of this week',
  'Draft the reply to the tender',
  'Compare three suppliers by price and delivery',
  'Write the minutes of the planning meeting',
  'List the risks of the new release',
  'Prepare the figures for the monthly report',
];

/** Agents of all workspaces that give themselves work around the clock, workspace after workspace. */
export function startAgents(
  workspaces: number,
  tasksPerSecond: number,
  create: (workspaceId: number, title: string) => Promise<unknown>,
): void {
  if (tasksPerSecond <= 0) return;
  let count = 0;
  setInterval(() => {
    const workspace = 1 + (count % workspaces);
    const title = TITLES[count % TITLES.length]!;
    count++;
    create(workspace, title).catch((error: Error) => console.error('agent:', error.message));
  }, 1000 / tasksPerSecond);
}
