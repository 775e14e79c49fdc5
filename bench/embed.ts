import { readFileSync, writeFileSync } from 'node:fs';
import { type Measured, renderTable } from './results.ts';

/** Puts each workload's table into a page, between `<!-- bench NAME -->` and `<!-- end -->`; the page must have a place for each. */
export function embed(page: string, measured: readonly Measured[]): void {
  const text = measured.reduce(
    (before, { workload: { name }, figures }) => {
      const place = new RegExp(`(<!-- bench ${name} -->\n)[^]*?(<!-- end -->)`);
      if (!place.test(before)) throw new Error(`${page} has no "<!-- bench ${name} -->" with its end`);
      const table = renderTable(figures).join('\n');
      return before.replace(place, (_, begin: string, end: string) => `${begin}${table}\n${end}`);
    },
    readFileSync(page, 'utf8'),
  );
  writeFileSync(page, text);
}
