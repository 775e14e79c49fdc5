import { NumberLine } from './number-line.ts';
import {
  ATTRIBUTE,
  BLOB_ERROR,
  BULK,
  ERROR,
  FORM,
  INTEGER,
  LINE,
  NEITHER,
  PAIRS,
  PART,
  PUSH,
  STATUS,
  STREAM_END,
} from './reply-forms.ts';

/** Deeper nesting than this is no reply of Redis; it bounds what the walk remembers. */
const DEEPEST = 128;
/** Bytes kept of an error, and of a status or the first element of an array. */
const KEPT_TEXT = 512;
const KEPT_KIND = 16;
const LONGEST = 2 ** 40;

const STATES = { TYPE: 0, NUMBER: 1, TEXT: 2, BODY: 3 } as const;
const { TYPE, NUMBER, TEXT, BODY } = STATES;

/**
 * Walks what a server sends, RESP2 and RESP3, from one top-level value to the next. Only headers are looked at; bodies of
 * any length go by uncounted. Attributes belong to the value after them.
 */
export class ReplyFramer {
  /** The last `read` stopped behind a whole top-level value. */
  complete = false;
  /** These are not Redis replies; nothing more can be read. */
  broken = false;
  /** Type byte of the top-level value; 0 while it has not come. */
  type = 0;
  /** Items of the top-level value that are over; with `stopAtItems`, `read` stops behind its header and behind each. */
  items = 0;
  /** The last `read` stopped behind the header of an aggregate, or behind one of its items. */
  atBoundary = false;
  /** Items that its header announced: keys and values apart; Infinity where streamed. */
  size = 0;
  /** The last integer among its items, such as the number of subscriptions in a confirmation. */
  integer = 0;
  readonly #number = new NumberLine();
  readonly #left: number[] = [];
  readonly #attribute: boolean[] = [];
  readonly #text = Buffer.alloc(KEPT_TEXT);
  #textLength = 0;
  #textRoom = 0;
  #state: number = TYPE;
  #itemType = 0;
  #remaining = 0;
  #carriageReturn = false;
  /** Inside the parts of a streamed string. */
  #parts = false;
  #begun = false;
  #integer = 0;

  /** Some of a value was read, and not all of it. */
  get under(): boolean {
    return this.#begun && !this.complete;
  }

  get isPush(): boolean {
    return this.type === PUSH;
  }

  get isError(): boolean {
    return this.type === ERROR || this.type === BLOB_ERROR;
  }

  /** An error's or a status's line without its type, or the first item of an array where it is a string: as far as it is kept. */
  get text(): string {
    return this.#text.toString('utf8', 0, this.#textLength);
  }

  /** Reads on from `at` to the end of one top-level value, to a boundary of its items if wanted, or to the chunk's end. */
  read(chunk: Buffer, at: number, stopAtItems = false): number {
    if (this.complete) this.#begin();
    const end = chunk.length;
    this.atBoundary = false;
    while (at < end && !this.broken) {
      switch (this.#state) {
        case TYPE:
          this.#readType(chunk[at++]!);
          break;
        case NUMBER:
          at = this.#number.read(chunk, at);
          if (this.#number.done) this.#counted();
          else if (this.#number.broken) this.broken = true;
          break;
        case TEXT:
          at = this.#readText(chunk, at);
          break;
        default:
          at = this.#readBody(chunk, at);
      }
      if (this.complete || (stopAtItems && this.atBoundary)) return at;
    }
    return at;
  }

  /**
   * Directly behind the header of an aggregate: from here on its items count as top-level values, and the aggregate as one
   * that is over.
   */
  open(): void {
    this.#left.pop();
    this.#attribute.pop();
    this.complete = true;
  }

  #begin(): void {
    this.complete = false;
    this.#begun = false;
    this.type = 0;
    this.items = 0;
    this.size = 0;
    this.#textLength = 0;
  }

  #readType(type: number): void {
    const form = FORM[type]!;
    if (form === NEITHER || this.#parts !== (form === PART)) {
      this.broken = true;
      return;
    }
    this.#begun = true;
    this.#itemType = type;
    const depth = this.#left.length;
    if (depth === 0 && type !== ATTRIBUTE && form !== PART) this.type = type;
    this.#textRoom = this.#roomForText(type, depth);
    this.#carriageReturn = false;
    this.#integer = 0;
    if (form === LINE || form === STREAM_END) {
      this.#state = TEXT;
      return;
    }
    this.#number.begin();
    this.#state = NUMBER;
  }

  #roomForText(type: number, depth: number): number {
    if (depth === 0) {
      if (type === STATUS) return KEPT_KIND;
      return type === ERROR || type === BLOB_ERROR ? KEPT_TEXT : 0;
    }
    return depth === 1 && this.items === 0 && !this.#attribute[0] && this.#textLength === 0 ? KEPT_KIND : 0;
  }

  #counted(): void {
    const count = this.#number.value;
    if (count > LONGEST && count !== Infinity) {
      this.broken = true;
      return;
    }
    this.#state = TYPE;
    switch (FORM[this.#itemType]) {
      case BULK:
        if (count === Infinity) this.#parts = true;
        else if (count < 0) this.#valueOver();
        else this.#body(count);
        return;
      case PART:
        if (count > 0 && count !== Infinity) this.#body(count);
        else {
          this.#parts = false;
          this.#valueOver();
        }
        return;
      case PAIRS:
        this.#open(count * 2);
        return;
      default:
        this.#open(count);
    }
  }

  #body(length: number): void {
    this.#remaining = length + 2;
    this.#state = BODY;
  }

  #open(count: number): void {
    const attribute = this.#itemType === ATTRIBUTE;
    const depth = this.#left.length;
    if (depth === 0 && !attribute) {
      this.size = Math.max(0, count);
      this.atBoundary = true;
    }
    if (count <= 0) {
      if (!attribute) this.#valueOver();
      return;
    }
    if (depth >= DEEPEST) {
      this.broken = true;
      return;
    }
    this.#left.push(count);
    this.#attribute.push(attribute);
  }

  #readText(chunk: Buffer, at: number): number {
    const lineEnd = chunk.indexOf(10, at);
    const to = lineEnd < 0 ? chunk.length : lineEnd;
    if (this.#textRoom > 0) this.#keep(chunk, at, to);
    if (this.#itemType === INTEGER) this.#readInteger(chunk, at, to);
    if (to > at) this.#carriageReturn = chunk[to - 1] === 13;
    if (lineEnd < 0) return to;
    if (!this.#carriageReturn) {
      this.broken = true;
      return to;
    }
    if (this.#textLength > 0 && this.#text[this.#textLength - 1] === 13) this.#textLength--;
    this.#state = TYPE;
    if (FORM[this.#itemType] === STREAM_END) this.#streamOver();
    else this.#valueOver();
    return to + 1;
  }

  #readInteger(chunk: Buffer, at: number, to: number): void {
    for (; at < to; at++) {
      const digit = chunk[at]! - 48;
      if (digit >= 0 && digit <= 9) this.#integer = this.#integer * 10 + digit;
    }
    if (this.#left.length === 1) this.integer = this.#integer;
  }

  #readBody(chunk: Buffer, at: number): number {
    const step = Math.min(this.#remaining, chunk.length - at);
    if (this.#textRoom > 0) this.#keep(chunk, at, at + Math.min(step, this.#remaining - 2));
    this.#remaining -= step;
    at += step;
    if (this.#remaining > 0) return at;
    if (chunk[at - 1] !== 10) this.broken = true;
    this.#state = TYPE;
    if (!this.#parts) this.#valueOver();
    return at;
  }

  #keep(chunk: Buffer, at: number, to: number): void {
    const length = Math.min(this.#textRoom, to - at);
    if (length <= 0) return;
    chunk.copy(this.#text, this.#textLength, at, at + length);
    this.#textLength += length;
    this.#textRoom -= length;
  }

  /** A value is over; with it perhaps the aggregates that it was the last of. */
  #valueOver(): void {
    for (;;) {
      const depth = this.#left.length;
      if (depth === 0) {
        this.complete = true;
        return;
      }
      if (depth === 1 && !this.#attribute[0]) {
        this.items++;
        this.atBoundary = true;
      }
      if (--this.#left[depth - 1]! > 0) return;
      this.#left.pop();
      // An attribute is no value of its own: what it belongs to is still to come.
      if (this.#attribute.pop()) return;
    }
  }

  #streamOver(): void {
    if (this.#left.pop() !== Infinity) {
      this.broken = true;
      return;
    }
    if (!this.#attribute.pop()) this.#valueOver();
  }
}
