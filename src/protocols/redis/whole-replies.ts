import {
  ATTRIBUTE,
  BLOB_ERROR,
  BULK,
  ERROR,
  FORM,
  ITEMS,
  LINE,
  NEITHER,
  PAIRS,
  PUSH,
} from './reply-forms.ts';

/** Aggregates inside aggregates, as far as this reader goes. */
const DEEPEST = 4;
const CR = 13;
const LF = 10;

/**
 * Where the reply that begins at `at` ends, if it is here whole and is nothing but an answer: no error, no push, nothing
 * streamed, no attributes. -1 for all else, which is the framer's to read. It runs for each reply of each client, so it
 * reads byte codes where they lie, and remembers nothing.
 */
export function endOfAnswer(chunk: Buffer, at: number, depth = 0): number {
  const type = chunk[at]!;
  const form = at < chunk.length ? FORM[type]! : NEITHER;
  if (form === LINE) {
    if (type === ERROR) return -1;
    const lineEnd = endOfLine(chunk, at + 1);
    return lineEnd;
  }
  if (form !== BULK && form !== ITEMS && form !== PAIRS) return -1;
  if (type === BLOB_ERROR || type === PUSH || type === ATTRIBUTE) return -1;
  at++;
  // Minus one is nil; other negative lengths there are none.
  if (chunk[at] === 45) {
    return chunk[at + 1] === 49 && chunk[at + 2] === CR && chunk[at + 3] === LF ? at + 4 : -1;
  }
  const digits = at;
  let count = 0;
  for (let byte = chunk[at]!; byte >= 48 && byte <= 57; byte = chunk[++at]!) count = count * 10 + byte - 48;
  if (at === digits || chunk[at] !== CR || chunk[at + 1] !== LF) return -1;
  at += 2;
  if (form === BULK) {
    at += count + 2;
    return at <= chunk.length && chunk[at - 1] === LF ? at : -1;
  }
  if (depth === DEEPEST) return -1;
  for (let left = form === PAIRS ? count * 2 : count; left > 0; left--) {
    at = endOfAnswer(chunk, at, depth + 1);
    if (at < 0) return -1;
  }
  return at;
}

/** Behind the line that begins at `at`; -1 where its end is not here. */
function endOfLine(chunk: Buffer, at: number): number {
  const { length } = chunk;
  while (at < length && chunk[at] !== LF) at++;
  return at < length && chunk[at - 1] === CR ? at + 1 : -1;
}
