/**
 * Makes text safe to stand in Markdown: a viewer may render raw HTML and links, and neither may come out of a journal.
 * Line breaks become spaces, so that nothing can begin a block.
 */
export function plain(text: string | number): string {
  return (
    String(text)
      .replace(/\s+/g, ' ')
      .trim()
      .replace(/[\\`*_[\]|~]/g, '\\$&')
      .replace(/&(?=[#\w])/g, '&amp;')
      .replace(/<(?=[a-z/!?])/gi, '&lt;')
      .replace(/^(#|>|\+|-(?=\s))/, '\\$1')
      .replace(/^(\d+)\.(?=\s)/, '$1\\.')
      // A bare address would be made a link by many viewers.
      .replace(/\b(https?|ftp):\/\//gi, '$1:\u200b//')
  );
}

export function heading(level: 1 | 2 | 3, text: string): string {
  return `${'#'.repeat(level)} ${plain(text)}`;
}

export function bullets(items: readonly string[]): string {
  return items.map((item) => `- ${item}`).join('\n');
}

/** A table of cells that are Markdown already. */
export function table(columns: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`;
  return [line(columns), line(columns.map(() => '---')), ...rows.map(line)].join('\n');
}

/** A code block whose fence is longer than any in the text. */
export function fenced(text: string, language: string): string {
  const longest = Math.max(2, ...[...text.matchAll(/`+/g)].map(([run]) => run.length));
  const fence = '`'.repeat(longest + 1);
  return `${fence}${language}\n${text.replace(/\n$/, '')}\n${fence}`;
}

/** A line as it is typed; one that some viewer might take for markup stands as text. */
export function code(text: string): string {
  return /^[\w ./@%+=:,'-]+$/.test(text) ? `\`${text}\`` : plain(text);
}
