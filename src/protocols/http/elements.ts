import type { EventSplitter } from './events.ts';
import { Pending } from './pending.ts';

/**
 * Splits a stream that is one JSON array into its elements, as the Gemini API streams without `alt=sse`. Each comes with
 * what stands before it, byte for byte: `[{…}`, then `,\r\n{…}` for each further one, and `]` with what follows it.
 */

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const OPENING = new Set([0x5b, 0x7b]);
const CLOSING = new Set([0x5d, 0x7d]);

/** Longest element that is held together, bytes: an image in base64 fits. */
const LONGEST_ELEMENT = 4 * 1024 * 1024;

export function splitElements(cap = LONGEST_ELEMENT): EventSplitter {
  const pending = new Pending(cap);
  let depth = 0;
  let inString = false;
  let escaped = false;
  let opaque = false;

  /** Whether an element, or the array, ends with this byte. */
  const closes = (byte: number): boolean => {
    if (inString) {
      if (escaped) escaped = false;
      else if (byte === BACKSLASH) escaped = true;
      else if (byte === QUOTE) inString = false;
      return false;
    }
    if (byte === QUOTE) inString = true;
    else if (OPENING.has(byte)) depth++;
    else if (CLOSING.has(byte)) return depth > 0 && --depth <= 1;
    return false;
  };

  return {
    get opaque() {
      return opaque;
    },
    push(chunk) {
      if (opaque) return chunk.length > 0 ? [chunk] : [];
      const pieces: Buffer[] = [];
      let start = 0;
      for (let at = 0; at < chunk.length; at++) {
        if (!closes(chunk[at]!)) continue;
        pieces.push(pending.take(chunk.subarray(start, at + 1)));
        start = at + 1;
      }
      const rest = chunk.subarray(start);
      if (pending.add(rest)) return pieces;
      opaque = true;
      return [...pieces, pending.take(rest)];
    },
    end: () => pending.take(),
  };
}

/** Where the object begins that a piece of an array carries, behind `[` or a comma; -1 where it carries none. */
export function elementStart(piece: Buffer): number {
  for (let at = 0; at < piece.length; at++) {
    const byte = piece[at]!;
    if (byte === 0x7b) return at;
    const before = byte === 0x5b || byte === 0x2c || byte === 0x20 || (byte >= 0x09 && byte <= 0x0d);
    if (!before) return -1;
  }
  return -1;
}
