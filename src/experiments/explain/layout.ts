/** Terminals are wider; lines that long are not read. */
const WIDTH = 100;

/** Breaks at spaces, but not before a unit, so that no line passes the width; later lines are indented by `hang`. A word that is too long stays whole. */
export function wrap(text: string, indent: number, hang = indent): string {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(/\s+(?!(?:µs|ms|s|min)\b)/)) {
    const room = WIDTH - (lines.length === 0 ? indent : hang);
    if (line !== '' && line.length + 1 + word.length > room) {
      lines.push(line);
      line = word;
    } else line = line === '' ? word : `${line} ${word}`;
  }
  lines.push(line);
  return lines.map((one, index) => `${' '.repeat(index === 0 ? indent : hang)}${one}`).join('\n');
}

/** Rows of columns, each as wide as its widest cell; the last one is wrapped. */
export function table(rows: readonly (readonly string[])[], indent = 2): string {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => row[column]!.length)));
  return rows
    .map((row) => {
      const head = row.slice(0, -1).map((cell, column) => cell.padEnd(widths[column]! + 2));
      const hang = indent + head.reduce((sum, cell) => sum + cell.length, 0);
      const last = wrap(row.at(-1)!, hang).trimStart();
      return `${' '.repeat(indent)}${head.join('')}${last}`.trimEnd();
    })
    .join('\n');
}

export function section(title: string, ...parts: readonly string[]): string {
  return [title, ...parts.filter((part) => part !== '')].join('\n');
}

export function count(amount: number, thing: string): string {
  return `${amount} ${thing}${amount === 1 ? '' : 's'}`;
}
