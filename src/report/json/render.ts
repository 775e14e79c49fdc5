import type { Summary } from '../summary.ts';

/** The summary itself, for machines. */
export function renderJson(summary: Summary): string {
  const text = JSON.stringify(summary, null, 2);
  // A point on one line; a line break inside a string is escaped, so this touches none.
  return `${text.replace(/\[\n\s+(-?[\d.e+-]+),\n\s+(-?[\d.e+-]+)\n\s+\]/g, '[$1, $2]')}\n`;
}
