/** A value of a reply: a text of some type, or items of one. */
export interface Value {
  type: string;
  body?: string;
  items?: Value[];
}

interface Reader {
  readonly text: string;
  at: number;
}

const DEEPEST = 32;

/** Undefined where the reply is streamed, has attributes, or is no reply. */
export function readValue(text: string): Value | undefined {
  return read({ text, at: 0 });
}

function read(reader: Reader, depth = 0): Value | undefined {
  const lineEnd = reader.text.indexOf('\r\n', reader.at);
  if (lineEnd < 0 || depth > DEEPEST) return undefined;
  const type = reader.text[reader.at]!;
  const line = reader.text.slice(reader.at + 1, lineEnd);
  reader.at = lineEnd + 2;
  if ('+-:_#,('.includes(type)) return { type, body: line };
  const count = /^-?\d+$/.test(line) ? Number(line) : Number.NaN;
  if ('$=!'.includes(type)) {
    if (count === -1) return { type };
    const body = reader.text.slice(reader.at, reader.at + count);
    reader.at += count + 2;
    return count >= 0 && reader.at <= reader.text.length ? { type, body } : undefined;
  }
  if (!'*~%>'.includes(type) || Number.isNaN(count)) return undefined;
  if (count === -1) return { type };
  const items: Value[] = [];
  for (let left = type === '%' ? count * 2 : count; left > 0; left--) {
    const item = read(reader, depth + 1);
    if (!item) return undefined;
    items.push(item);
  }
  return { type, items };
}

/** The same bytes again, where nothing was changed. */
export function writeValue({ type, body, items }: Value): string {
  if (items)
    return `${type}${type === '%' ? items.length / 2 : items.length}\r\n${items.map(writeValue).join('')}`;
  if (body === undefined) return `${type}-1\r\n`;
  return '$=!'.includes(type) ? `${type}${body.length}\r\n${body}\r\n` : `${type}${body}\r\n`;
}
