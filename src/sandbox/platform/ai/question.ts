import type { Task } from '../parts.ts';

/** What the AI is asked for a task. No two tasks ask the same, as no two customers have the same context. */
export function questionOf({ id, title }: Task): string {
  return `${title} (task ${id})`;
}
