const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const COLON = 0x3a;

/**
 * Reads members of a JSON object whose end is missing, by their names: texts, numbers, `true`, `false` and `null` that came
 * whole. Long texts are skipped by search, so a body of images costs little.
 */
export function topLevel(json: Buffer, names: readonly string[]): Readonly<Record<string, unknown>> {
  const found: Record<string, unknown> = {};
  let depth = 0;
  let name: string | undefined;
  let at = 0;
  while (at < json.length) {
    const byte = json[at]!;
    if (byte === QUOTE) {
      const end = endOfText(json, at);
      if (end < 0) break;
      if (depth === 1) {
        const isName = nextSignificant(json, end) === COLON;
        const value = isName || name !== undefined ? parse(json.subarray(at, end)) : undefined;
        if (isName) name = names.includes(String(value)) ? String(value) : undefined;
        else if (name !== undefined) found[name] = value;
        if (!isName) name = undefined;
      }
      at = end;
      continue;
    }
    if (byte === 0x7b || byte === 0x5b) depth++;
    else if (byte === 0x7d || byte === 0x5d) {
      if (--depth <= 0) break;
    } else if (depth === 1 && name !== undefined && /[\w-]/.test(String.fromCharCode(byte))) {
      const end = endOfWord(json, at);
      if (end < json.length) found[name] = parse(json.subarray(at, end));
      name = undefined;
      at = end;
      continue;
    }
    if (depth === 1 && byte === 0x2c) name = undefined;
    at++;
  }
  return found;
}

/** Behind the closing quote of the text that begins at `start`; -1 where it does not end. */
function endOfText(json: Buffer, start: number): number {
  for (let end = json.indexOf(QUOTE, start + 1); end >= 0; end = json.indexOf(QUOTE, end + 1)) {
    let backslashes = 0;
    while (json[end - 1 - backslashes] === BACKSLASH) backslashes++;
    if (backslashes % 2 === 0) return end + 1;
  }
  return -1;
}

function endOfWord(json: Buffer, start: number): number {
  let end = start;
  while (end < json.length && /[\w.+-]/.test(String.fromCharCode(json[end]!))) end++;
  return end;
}

function nextSignificant(json: Buffer, from: number): number | undefined {
  let at = from;
  while (json[at]! <= 0x20) at++;
  return json[at];
}

function parse(bytes: Buffer): unknown {
  try {
    return JSON.parse(bytes.toString('utf8'));
  } catch {
    return undefined;
  }
}
