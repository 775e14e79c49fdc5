/** A message as it goes over the wire: its letter, its length, its body; texts end with a zero byte. */
export function message(letter: string, ...parts: readonly (string | number | Buffer)[]): Buffer {
  const body = Buffer.concat(parts.map(field));
  const head = Buffer.alloc(5);
  head.write(letter, 'latin1');
  head.writeInt32BE(body.length + 4, 1);
  return Buffer.concat([head, body]);
}

/** A start-up packet of this code. */
export function packet(code: number, body: Buffer = Buffer.alloc(0)): Buffer {
  const head = Buffer.alloc(8);
  head.writeInt32BE(body.length + 8);
  head.writeInt32BE(code, 4);
  return Buffer.concat([head, body]);
}

export function startup(parameters: Readonly<Record<string, string>>): Buffer {
  const texts = Object.entries(parameters).flatMap(([name, value]) => [field(name), field(value)]);
  return packet(0x00030000, Buffer.concat([...texts, Buffer.alloc(1)]));
}

export const SSL_REQUEST = packet(80877103);
export const CANCEL_REQUEST = packet(80877102, Buffer.alloc(8, 7));

/** What a driver sends for one statement with parameters. */
export function extended(sql: string, name = ''): readonly Buffer[] {
  return [
    message('P', name, sql, Buffer.alloc(2)),
    message('B', '', name, Buffer.alloc(6)),
    message('D', Buffer.from('P'), ''),
    message('E', '', 0),
  ];
}

export const SYNC = message('S');

/** What a server answers, in short: `T`, `C SELECT 1`, `Z I`, `E 40001 text`. */
export function ready(status: 'I' | 'T' | 'E'): Buffer {
  return message('Z', Buffer.from(status));
}

export function complete(tag: string): Buffer {
  return message('C', tag);
}

export function failed(sqlstate: string, text: string, severity = 'ERROR'): Buffer {
  return message('E', `S${severity}`, `V${severity}`, `C${sqlstate}`, `M${text}`, Buffer.alloc(1));
}

/** The messages in these bytes, each in short: its letter and its first texts; an error as `E SQLSTATE text`. */
export function told(bytes: Buffer): readonly string[] {
  const found: string[] = [];
  for (let at = 0; at < bytes.length; ) {
    const letter = String.fromCharCode(bytes[at]!);
    const length = bytes.readInt32BE(at + 1);
    const body = bytes.toString('latin1', at + 5, at + 1 + length);
    const texts = body.split('\0').filter((text) => /^[\x20-\x7e]+$/.test(text));
    const about =
      texts.length > 3 && letter === 'E' ? [...texts.slice(2, 4).map((text) => text.slice(1))] : texts;
    found.push([letter, ...about].join(' '));
    at += 1 + length;
  }
  return found;
}

function field(part: string | number | Buffer): Buffer {
  if (typeof part === 'string') return Buffer.from(`${part}\0`);
  if (typeof part !== 'number') return part;
  const four = Buffer.alloc(4);
  four.writeInt32BE(part);
  return four;
}

/** These bytes cut at these places, which may lie anywhere. */
export function cut(bytes: Buffer, places: readonly number[]): readonly Buffer[] {
  const sorted = [...new Set(places.map((place) => place % (bytes.length + 1)))].sort((a, b) => a - b);
  const edges = [0, ...sorted, bytes.length];
  return edges.slice(1).flatMap((end, index) => {
    const start = edges[index]!;
    return end > start ? [bytes.subarray(start, end)] : [];
  });
}
