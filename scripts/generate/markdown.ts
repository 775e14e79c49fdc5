/** A Markdown table; a bar within a cell is escaped. */
export function table(header: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.map(escapeBars).join(' | ')} |`;
  return [line(header), `|${header.map(() => '---').join('|')}|`, ...rows.map(line)].join('\n');
}

function escapeBars(cell: string): string {
  return cell.replaceAll('|', '\\|').replaceAll('\n', ' ');
}
