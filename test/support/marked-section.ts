import { readFileSync, writeFileSync } from 'node:fs';
import { resolve } from 'node:path';

/** Puts a text between `<!-- begin -->` and `<!-- end -->` in a document of this project, in place of what stood there. */
export function keepSection(file: string, marks: { begin: string; end: string }, text: string): void {
  const path = resolve(import.meta.dirname, '../..', file);
  const [begin, end] = [`<!-- ${marks.begin} -->`, `<!-- ${marks.end} -->`];
  const [head, rest] = readFileSync(path, 'utf8').split(begin);
  const tail = rest?.split(end)[1];
  if (tail === undefined) throw new Error(`${file} has no section "${marks.begin}"`);
  writeFileSync(path, `${head}${begin}\n\n${text}\n\n${end}${tail}`);
}

/** A table in Markdown. */
export function markdownTable(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`;
  return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n');
}
