/** A word in capitals, a bracket or a semicolon. Texts, quoted names, numbers, operators and comments are left out. */
export interface Token {
  readonly word: string;
  /** Brackets open around it; an opening bracket stands outside itself. */
  readonly depth: number;
  /** Where it begins and ends in the text. */
  readonly from: number;
  readonly to: number;
}

/** Tokens looked at in one text. */
const MOST = 4096;

const WORD = /[A-Za-z_\u0080-\uffff][\w$\u0080-\uffff]*/y;
const DOLLAR = /\$(?:[A-Za-z_\u0080-\uffff][\w\u0080-\uffff]*)?\$/y;

/** Reads SQL as Postgres splits it. A text that breaks off in a quote or a comment ends there. */
export function* tokens(sql: string): Generator<Token> {
  let depth = 0;
  let yielded = 0;
  for (let at = 0; at < sql.length && yielded < MOST; ) {
    const sign = sql[at]!;
    const word = match(WORD, sql, at);
    if (word !== undefined) {
      at += word.length;
      if (sql[at] === "'" && /^(?:e|b|x|n)$/i.test(word)) {
        at = endOfQuoted(sql, at, "'", /^e$/i.test(word));
        continue;
      }
      yielded++;
      yield { word: word.toUpperCase(), depth, from: at - word.length, to: at };
      continue;
    }
    if (sign === '(' || sign === ')' || sign === ';') {
      if (sign === ')') depth = Math.max(0, depth - 1);
      yielded++;
      yield { word: sign, depth, from: at, to: at + 1 };
      if (sign === '(') depth++;
      at++;
    } else if (sign === "'" || sign === '"') at = endOfQuoted(sql, at, sign, false);
    else if (sign === '-' && sql[at + 1] === '-') at = after(sql, '\n', at);
    else if (sign === '/' && sql[at + 1] === '*') at = endOfComment(sql, at);
    else if (sign === '$') at = endOfDollar(sql, at);
    else if (sign >= '0' && sign <= '9') at = endOfNumber(sql, at);
    else at++;
  }
}

function match(pattern: RegExp, text: string, at: number): string | undefined {
  pattern.lastIndex = at;
  return pattern.exec(text)?.[0];
}

function after(sql: string, mark: string, from: number): number {
  const found = sql.indexOf(mark, from);
  return found < 0 ? sql.length : found + mark.length;
}

/** A doubled quote stands for itself; so does one behind a backslash where the text is one with escapes. */
function endOfQuoted(sql: string, start: number, quote: string, escapes: boolean): number {
  for (let at = start + 1; at < sql.length; at++) {
    if (escapes && sql[at] === '\\') at++;
    else if (sql[at] === quote) {
      if (sql[at + 1] !== quote) return at + 1;
      at++;
    }
  }
  return sql.length;
}

/** Comments between slash and star nest. */
function endOfComment(sql: string, start: number): number {
  let open = 0;
  for (let at = start; at < sql.length; at++) {
    const pair = sql.slice(at, at + 2);
    if (pair === '/*') open++;
    else if (pair === '*/') open--;
    else continue;
    at++;
    if (open === 0) return at + 1;
  }
  return sql.length;
}

function endOfDollar(sql: string, at: number): number {
  const tag = match(DOLLAR, sql, at);
  return tag === undefined ? at + 1 : after(sql, tag, at + tag.length);
}

// So that the e of 1e5 and the x of 0x1f are not taken for words.
function endOfNumber(sql: string, start: number): number {
  let at = start + 1;
  while (at < sql.length && /[\w.]/.test(sql[at]!)) at++;
  return at;
}
