import { type Command, commandOf, UNKNOWN } from './commands.ts';
import { splitInline } from './inline.ts';
import { NumberLine } from './number-line.ts';

/** Arguments of a command that are kept; a key beyond them is not seen. */
const KEPT_ARGUMENTS = 256;
/** Bytes kept of an argument that comes in pieces, and of all such arguments of one command. */
const KEPT_OF_ONE = 1024;
const KEPT_OF_ALL = 64 * 1024;
/** As Redis has it: a longer line is "too big inline request". */
const LONGEST_INLINE = 64 * 1024;
const MOST_ARGUMENTS = 2 ** 31;
const LONGEST_ARGUMENT = 2 ** 40;

const STATES = { START: 0, COUNT: 1, DOLLAR: 2, LENGTH: 3, BODY: 4, INLINE: 5 } as const;
const { START, COUNT, DOLLAR, LENGTH, BODY, INLINE } = STATES;

const CR = 13;
const LF = 10;
const ASTERISK = 42;
const DOLLAR_SIGN = 36;

/**
 * Walks what a client sends (RESP arrays of bulk strings, and inline commands) from command to command. Only headers are
 * looked at; of the arguments no more is kept than names and keys need, whatever lengths are announced.
 */
export class RequestFramer {
  /** The last `read` stopped behind a whole command. */
  complete = false;
  /** These are not Redis requests; nothing more can be read. */
  broken = false;
  /** Arguments of the command, its name included; 0 for an empty line, which gets no reply. */
  argc = 0;
  readonly #number = new NumberLine();
  readonly #arguments: Buffer[] = [];
  readonly #starts: number[] = [];
  readonly #ends: number[] = [];
  #command: Command | undefined;
  /** That of the last request: clients tend to send the same. */
  #last = UNKNOWN;
  #state: number = START;
  /** Arguments that have begun; the last may still be under way. */
  #begun = 0;
  #remaining = 0;
  #kept = 0;
  #line: Buffer[] = [];
  #lineLength = 0;

  /** Some of a command was read, and not all of it. */
  get under(): boolean {
    return this.#state !== START;
  }

  /** Reads on from `at` to the end of one command or of the chunk; answers where it stopped. */
  read(chunk: Buffer, at: number): number {
    if (this.#state === START) {
      this.#begin();
      const whole = this.#readWhole(chunk, at);
      if (whole > 0) return whole;
    }
    const end = chunk.length;
    while (at < end && !this.broken) {
      switch (this.#state) {
        case START:
          at = this.#readStart(chunk, at);
          break;
        case COUNT:
          at = this.#number.read(chunk, at);
          if (this.#number.done) this.#counted();
          break;
        case DOLLAR:
          if (chunk[at++] !== DOLLAR_SIGN) this.broken = true;
          this.#number.begin();
          this.#state = LENGTH;
          break;
        case LENGTH:
          at = this.#number.read(chunk, at);
          if (this.#number.done) this.#measured(chunk, at);
          break;
        case BODY:
          at = this.#readBody(chunk, at);
          break;
        default:
          at = this.#readInline(chunk, at);
      }
      if (this.#number.broken) this.broken = true;
      if (this.complete) return at;
    }
    this.#retain(chunk);
    return at;
  }

  /** What its name stands for; found once for each command. */
  get command(): Command {
    if (this.#command === undefined && this.#begun > 0) {
      this.#command = commandOf(this.#arguments[0]!, this.#starts[0], this.#ends[0], this.#last);
      this.#last = this.#command;
    }
    return this.#command ?? UNKNOWN;
  }

  /** The argument, or its beginning where it is long; undefined where it was not kept or is not here yet. */
  argument(index: number): Buffer | undefined {
    if (index >= this.#begun || index >= KEPT_ARGUMENTS) return undefined;
    return this.#arguments[index]!.subarray(this.#starts[index], this.#ends[index]);
  }

  /** The same as text. */
  text(index: number): string | undefined {
    if (index >= this.#begun || index >= KEPT_ARGUMENTS) return undefined;
    return this.#arguments[index]!.toString('utf8', this.#starts[index], this.#ends[index]);
  }

  /** The same as text, upper case, for words of the command language. */
  word(index: number): string {
    return this.argument(index)?.toString('latin1').toUpperCase() ?? '';
  }

  /**
   * Reads a command that is here whole, byte codes where they lie; answers where it ends, or -1 where the walk by states is
   * needed, which begins at the same place.
   */
  #readWhole(chunk: Buffer, at: number): number {
    if (chunk[at] !== ASTERISK) return -1;
    const { length } = chunk;
    let count = 0;
    let byte = chunk[++at]!;
    for (; byte >= 48 && byte <= 57; byte = chunk[++at]!) count = count * 10 + byte - 48;
    if (byte !== CR || chunk[at + 1] !== LF || count === 0 || count > KEPT_ARGUMENTS) return -1;
    at += 2;
    for (let index = 0; index < count; index++) {
      if (chunk[at] !== DOLLAR_SIGN) return -1;
      const digits = ++at;
      let size = 0;
      for (byte = chunk[at]!; byte >= 48 && byte <= 57; byte = chunk[++at]!) size = size * 10 + byte - 48;
      if (byte !== CR || at === digits || chunk[at + 1] !== LF) return -1;
      at += 2;
      this.#arguments[index] = chunk;
      this.#starts[index] = at;
      at += size;
      this.#ends[index] = at;
      at += 2;
      if (at > length || chunk[at - 1] !== LF) return -1;
    }
    this.argc = count;
    this.#begun = count;
    this.complete = true;
    return at;
  }

  #begin(): void {
    this.complete = false;
    this.argc = 0;
    this.#command = undefined;
    this.#begun = 0;
    this.#kept = 0;
  }

  #readStart(chunk: Buffer, at: number): number {
    const first = chunk[at]!;
    if (first === ASTERISK) {
      this.#number.begin();
      this.#state = COUNT;
      return at + 1;
    }
    // An inline command begins with a letter, a quote or blanks. Anything else (a TLS hello, say) is another protocol.
    if (first > 126 || (first < 32 && first !== 13 && first !== 10 && first !== 9)) this.broken = true;
    this.#state = INLINE;
    return at;
  }

  #counted(): void {
    const count = this.#number.value;
    if (count > MOST_ARGUMENTS) this.broken = true;
    else if (count <= 0) this.#finish();
    else {
      this.argc = count;
      this.#state = DOLLAR;
    }
  }

  #measured(chunk: Buffer, at: number): void {
    const length = this.#number.value;
    if (!(length >= 0 && length <= LONGEST_ARGUMENT)) {
      this.broken = true;
      return;
    }
    const index = this.#begun++;
    if (index < KEPT_ARGUMENTS) {
      this.#arguments[index] = chunk;
      this.#starts[index] = at;
      this.#ends[index] = Math.min(at + length, chunk.length);
    }
    this.#remaining = length + 2;
    this.#state = BODY;
  }

  #readBody(chunk: Buffer, at: number): number {
    const step = Math.min(this.#remaining, chunk.length - at);
    const index = this.#begun - 1;
    if (index < KEPT_ARGUMENTS && this.#arguments[index] !== chunk) {
      this.#append(index, chunk, at, Math.min(step, this.#remaining - 2));
    }
    this.#remaining -= step;
    at += step;
    if (this.#remaining > 0) return at;
    if (chunk[at - 1] !== 10) this.broken = true;
    if (this.#begun === this.argc) this.#finish();
    else this.#state = DOLLAR;
    return at;
  }

  #append(index: number, chunk: Buffer, at: number, length: number): void {
    const before = this.argument(index)!;
    const room = Math.min(KEPT_OF_ONE - before.length, KEPT_OF_ALL - this.#kept, length);
    if (room <= 0) return;
    this.#keep(index, Buffer.concat([before, chunk.subarray(at, at + room)]));
    this.#kept += room;
  }

  #keep(index: number, argument: Buffer): void {
    this.#arguments[index] = argument;
    this.#starts[index] = 0;
    this.#ends[index] = argument.length;
  }

  /** The chunk is over and belongs to its reader again: what of it is needed is copied. */
  #retain(chunk: Buffer): void {
    for (let index = 0; index < Math.min(this.#begun, KEPT_ARGUMENTS); index++) {
      if (this.#arguments[index] !== chunk) continue;
      const start = this.#starts[index]!;
      const length = Math.min(this.#ends[index]! - start, KEPT_OF_ONE, KEPT_OF_ALL - this.#kept);
      this.#kept += length;
      this.#keep(index, Buffer.from(chunk.subarray(start, start + length)));
    }
  }

  #readInline(chunk: Buffer, at: number): number {
    const lineEnd = chunk.indexOf(10, at);
    const to = lineEnd < 0 ? chunk.length : lineEnd + 1;
    this.#lineLength += to - at;
    if (this.#lineLength > LONGEST_INLINE) {
      this.broken = true;
      return at;
    }
    this.#line.push(Buffer.from(chunk.subarray(at, to)));
    if (lineEnd >= 0) {
      const words = splitInline(Buffer.concat(this.#line));
      if (!words) {
        this.broken = true;
        return at;
      }
      this.argc = words.length;
      this.#begun = words.length;
      for (const [index, word] of words.slice(0, KEPT_ARGUMENTS).entries()) this.#keep(index, word);
      this.#line = [];
      this.#lineLength = 0;
      this.#finish();
    }
    return to;
  }

  #finish(): void {
    this.#state = START;
    this.complete = true;
  }
}
