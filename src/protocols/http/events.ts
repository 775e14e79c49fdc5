import { elementStart } from './elements.ts';
import { Pending } from './pending.ts';

/**
 * Splits a stream of server-sent events into whole events, each with the blank line that closes it, byte for byte as it
 * came. Lines end with LF, CRLF or CR, also mixed (WHATWG HTML, "Parsing an event stream").
 *
 * A closing CR may be the first half of CRLF. It closes its event at once, since the LF might never come; an LF that does
 * come right after it opens the next piece.
 */

/** Cuts a body into pieces. */
export interface EventSplitter {
  /** Whole events that this chunk completes, in order. */
  push(chunk: Buffer): readonly Buffer[];
  /** What is left over: an event without its closing blank line; empty if none. Nothing is pushed after it. */
  end(): Buffer;
  /** True once an event grew beyond the cap: from then on each chunk comes back as it was pushed. */
  readonly opaque: boolean;
}

const LF = 0x0a;
const CR = 0x0d;
const COLON = 0x3a;

/** Longest event that is held together, bytes: an image in base64 fits, a stream without blank lines does not pile up. */
const LONGEST_EVENT = 4 * 1024 * 1024;

export function splitEvents(cap = LONGEST_EVENT): EventSplitter {
  const pending = new Pending(cap);
  let lineIsEmpty = true;
  let afterCarriageReturn = false;
  let hasContent = false;
  let opaque = false;

  return {
    get opaque() {
      return opaque;
    },

    push(chunk) {
      if (opaque) return chunk.length > 0 ? [chunk] : [];
      const events: Buffer[] = [];
      let start = 0;
      for (let at = 0; at < chunk.length; at++) {
        const byte = chunk[at];
        const secondHalf = byte === LF && afterCarriageReturn;
        afterCarriageReturn = byte === CR;
        if (secondHalf) continue;
        if (byte !== LF && byte !== CR) {
          lineIsEmpty = false;
          hasContent = true;
          continue;
        }
        const closes = lineIsEmpty && hasContent;
        lineIsEmpty = true;
        if (!closes) continue;
        let end = at + 1;
        if (byte === CR && chunk[end] === LF) {
          afterCarriageReturn = false;
          at = end++;
        }
        events.push(pending.take(chunk.subarray(start, end)));
        start = end;
        hasContent = false;
      }
      const rest = chunk.subarray(start);
      if (!pending.add(rest)) {
        opaque = true;
        events.push(pending.take(rest));
      }
      return events;
    },

    end: () => pending.take(),
  };
}

/**
 * The value of an event's `event` field, and its `data` lines joined by LF. An element of a JSON array is an event without
 * a name: no event begins as one does.
 */
export function readEvent(event: Buffer): { readonly name: string; readonly data: string } {
  const start = elementStart(event);
  if (start >= 0) return { name: '', data: event.toString('utf8', start) };
  let name = '';
  const data: string[] = [];
  for (const line of textOf(event).split(/\r\n|\n|\r/)) {
    const colon = line.indexOf(':');
    if (colon === 0) continue;
    const field = colon < 0 ? line : line.slice(0, colon);
    const value = colon < 0 ? '' : line.slice(colon + (line[colon + 1] === ' ' ? 2 : 1));
    if (field === 'event') name = value;
    if (field === 'data') data.push(value);
  }
  return { name, data: data.join('\n') };
}

/**
 * The event with other data, and under another name where one is given; what else it has stays, in its own line endings.
 * An element of a JSON array keeps what stands before it.
 */
export function withData(event: Buffer, data: string, name?: string): Buffer {
  const start = elementStart(event);
  if (start >= 0) return Buffer.concat([event.subarray(0, start), Buffer.from(data)]);
  const text = textOf(event);
  const ending = /\r\n|\n|\r/.exec(text)?.[0] ?? '\n';
  const lines: string[] = [];
  let written = false;
  for (const line of text.split(/\r\n|\n|\r/)) {
    if (name !== undefined && /^event(:|$)/.test(line)) lines.push(`event: ${name}`);
    else if (!/^data(:|$)/.test(line)) lines.push(line);
    else if (!written) {
      lines.push(...data.split('\n').map((part) => `data: ${part}`));
      written = true;
    }
  }
  return Buffer.from(lines.join(ending));
}

/**
 * Whether a client gets an event from this piece: not from comments, such as the `: ping` that keeps a connection open, nor
 * from `id` and `retry` alone.
 */
export function carriesEvent(piece: Buffer): boolean {
  let lineBegins = true;
  for (let at = startOf(piece); at < piece.length; at++) {
    const byte = piece[at];
    if (lineBegins && (isField(piece, at, DATA) || isField(piece, at, EVENT))) return true;
    lineBegins = byte === LF || byte === CR;
  }
  return false;
}

const DATA = Buffer.from('data');
const EVENT = Buffer.from('event');

function isField(piece: Buffer, at: number, name: Buffer): boolean {
  const end = at + name.length;
  if (!piece.subarray(at, end).equals(name)) return false;
  return end === piece.length || piece[end] === COLON || piece[end] === LF || piece[end] === CR;
}

/** A stream may begin with a byte order mark, which is no part of its first field. */
const BOM = [0xef, 0xbb, 0xbf];

function startOf(piece: Buffer): number {
  return BOM.every((byte, at) => piece[at] === byte) ? BOM.length : 0;
}

function textOf(event: Buffer): string {
  return event.toString('utf8', startOf(event));
}
