const ESCAPES: Readonly<Record<string, string>> = { n: '\n', r: '\r', t: '\t', b: '\b', a: '\x07' };
const BLANK = /[\s\0]/;

/**
 * The words of an inline command as Redis splits them: by blanks, with quotes around any part of a word; in double quotes
 * `\n`, `\x41` and the like, in single ones only `\'`. Undefined where quotes do not match, which Redis refuses.
 */
export function splitInline(line: Buffer): readonly Buffer[] | undefined {
  const text = line.toString('latin1');
  const words: Buffer[] = [];
  for (let at = 0; ; ) {
    while (at < text.length && BLANK.test(text[at]!)) at++;
    if (at === text.length) return words;
    let word = '';
    while (at < text.length && !BLANK.test(text[at]!)) {
      const quote = text[at]!;
      if (quote !== '"' && quote !== "'") {
        word += quote;
        at++;
        continue;
      }
      const [part, end] = quote === '"' ? doubleQuoted(text, at + 1) : singleQuoted(text, at + 1);
      // A closing quote ends the word, so that something else may not follow it.
      if (end < 0 || (end < text.length && !BLANK.test(text[end]!))) return undefined;
      word += part;
      at = end;
    }
    words.push(Buffer.from(word, 'latin1'));
  }
}

type Part = readonly [text: string, end: number];
const OPEN: Part = ['', -1];

function doubleQuoted(text: string, at: number): Part {
  let part = '';
  while (at < text.length) {
    const char = text[at++]!;
    if (char === '"') return [part, at];
    const hex = char === '\\' ? /^x([0-9a-f]{2})/i.exec(text.slice(at, at + 3)) : undefined;
    if (hex) {
      part += String.fromCharCode(Number.parseInt(hex[1]!, 16));
      at += 3;
    } else if (char === '\\' && at < text.length) {
      const escaped = text[at++]!;
      part += ESCAPES[escaped] ?? escaped;
    } else part += char;
  }
  return OPEN;
}

function singleQuoted(text: string, at: number): Part {
  let part = '';
  while (at < text.length) {
    if (text[at] === "'") return [part, at + 1];
    if (text.startsWith("\\'", at)) at++;
    part += text[at++];
  }
  return OPEN;
}
