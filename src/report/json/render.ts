import type { Summary } from '../summary.ts';

/** The summary itself, for machines. */
export function renderJson(summary: Summary): string {
  return `${JSON.stringify(summary, null, 2)}\n`;
}
