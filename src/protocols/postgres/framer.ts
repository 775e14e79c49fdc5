/**
 * What becomes of a frame: passed on, dropped, replaced by these bytes, or not taken now. `stop` hands it back with all
 * that came after it; it is offered again when it is pushed again.
 */
export type FrameAct = 'pass' | 'drop' | 'stop' | Buffer;

export interface FrameReader {
  /** Bytes of the body that `frame` needs to see; below 0 when no such frame can be: the stream is not what it seemed. */
  wants(type: number, length: number): number;
  /** Whether the frame is kept back until it has been judged. Asked when its first byte arrives. */
  keeps(type: number): boolean;
  /**
   * A frame, its body from `start` in `bytes` as far as it is wanted. `bytes` belongs to the caller. What it answers counts
   * only if `open`: else some of the frame has been passed on already.
   */
  frame(type: number, length: number, bytes: Buffer, start: number, open: boolean): FrameAct;
  pass(bytes: Buffer): void;
  /** Not a stream of such frames. All of it was passed on, and so is what follows. */
  malformed(): void;
}

const TYPED = 5;
const UNTYPED = 4;

/**
 * Walks the frames of one direction: a type byte (which start-up packets do not have) and a length that counts itself.
 * Chunks are passed on as they came, in slices where a frame is kept, dropped or replaced. Of a body no more is ever
 * gathered than its reader wants, whatever length it claims.
 */
export class Framer {
  /** Whether the next frame has a type byte; changed only between frames. */
  typed: boolean;
  readonly #reader: FrameReader;
  /** The beginning of a frame that is split over chunks. */
  #partial: Buffer | undefined;
  #got = 0;
  #need = 0;
  #header = TYPED;
  #length = -1;
  #kept = false;
  /** Bytes of the body still to come of a frame that has been judged. */
  #left = 0;
  #dropping = false;
  #opaque = false;

  constructor(reader: FrameReader, typed: boolean) {
    this.#reader = reader;
    this.typed = typed;
  }

  /** Passes all that follows as it comes. */
  giveUp(): void {
    this.#opaque = true;
    this.letGo();
    this.#reset();
  }

  /** Bytes kept back now. */
  get held(): number {
    return this.#kept ? this.#got : 0;
  }

  /** Passes on what is kept of a frame that is not whole yet; it can no longer be judged. */
  letGo(): void {
    if (!this.#kept || !this.#partial) return;
    this.#kept = false;
    this.#reader.pass(this.#partial.subarray(0, this.#got));
  }

  /** @returns what was not taken, from the beginning of a frame */
  push(chunk: Buffer): Buffer | undefined {
    const end = chunk.length;
    let at = 0;
    /** Where what is to be passed on begins. */
    let from = 0;
    while (at < end && !this.#opaque) {
      if (this.#left > 0) {
        const take = Math.min(this.#left, end - at);
        if (this.#dropping) {
          this.#slice(chunk, from, at);
          from = at + take;
        }
        at += take;
        this.#left -= take;
        continue;
      }
      if (this.#partial) {
        const taken = this.#gather(chunk, at);
        if (this.#kept) {
          this.#slice(chunk, from, at);
          from = at + taken;
        }
        at += taken;
        const act = this.#judgePartial();
        if (act === undefined || this.#opaque) continue;
        if (act === 'stop') {
          const rest = Buffer.concat([this.#partial.subarray(0, this.#got), chunk.subarray(at)]);
          this.#reset();
          return rest;
        }
        if (this.#kept && act !== 'drop') {
          this.#reader.pass(act === 'pass' ? this.#partial.subarray(0, this.#got) : act);
        }
        this.#left = this.#length - (this.#got - this.#header);
        this.#dropping = act !== 'pass';
        this.#reset();
        continue;
      }
      this.#header = this.typed ? TYPED : UNTYPED;
      const wanted = this.#wanted(chunk, at, end);
      if (wanted === undefined) break;
      const body = at + this.#header;
      const ready = body + wanted;
      if (ready > end) {
        this.#begin(chunk, at, wanted);
        if (this.#kept) {
          this.#slice(chunk, from, at);
          return undefined;
        }
        at = end;
        break;
      }
      const act = this.#reader.frame(this.#typeAt(chunk, at), this.#length, chunk, body, true);
      if (this.#opaque) break;
      if (act === 'stop') {
        this.#slice(chunk, from, at);
        return chunk.subarray(at);
      }
      if (act !== 'pass') {
        this.#slice(chunk, from, at);
        from = ready;
        if (act !== 'drop') this.#reader.pass(act);
      }
      this.#left = this.#length - wanted;
      this.#dropping = act !== 'pass';
      at = ready;
    }
    if (from === 0) this.#reader.pass(chunk);
    else this.#slice(chunk, from, end);
    return undefined;
  }

  /** What of the body is wanted, once the length is there; undefined where the stream has turned out malformed. */
  #wanted(bytes: Buffer, at: number, end: number): number | undefined {
    if (end - at < this.#header) return NOT_KNOWN;
    const length = bytes.readInt32BE(at + this.#header - 4) - 4;
    const wanted = length < 0 ? -1 : this.#reader.wants(this.#typeAt(bytes, at), length);
    if (wanted < 0) {
      this.giveUp();
      this.#reader.malformed();
      return undefined;
    }
    this.#length = length;
    return Math.min(wanted, length);
  }

  #begin(chunk: Buffer, at: number, wanted: number): void {
    this.#kept = this.#reader.keeps(this.#typeAt(chunk, at));
    this.#need = this.#header + (wanted === NOT_KNOWN ? 0 : wanted);
    this.#partial = Buffer.allocUnsafe(this.#need);
    this.#got = chunk.copy(this.#partial, 0, at);
  }

  #gather(chunk: Buffer, at: number): number {
    const taken = chunk.copy(this.#partial!, this.#got, at, at + this.#need - this.#got);
    this.#got += taken;
    return taken;
  }

  /** Judges the gathered frame if it is there as far as wanted. */
  #judgePartial(): FrameAct | undefined {
    if (this.#got < this.#need) return undefined;
    if (this.#need === this.#header) {
      const wanted = this.#wanted(this.#partial!, 0, this.#got);
      if (wanted === undefined) return undefined;
      if (wanted > 0) {
        this.#need += wanted;
        this.#partial = Buffer.concat([this.#partial!], this.#need);
        return undefined;
      }
    }
    const partial = this.#partial!;
    const kept = this.#kept;
    const act = this.#reader.frame(this.#typeAt(partial, 0), this.#length, partial, this.#header, kept);
    return kept ? act : 'pass';
  }

  #typeAt(bytes: Buffer, at: number): number {
    return this.#header === TYPED ? bytes[at]! : 0;
  }

  #slice(chunk: Buffer, from: number, to: number): void {
    if (to > from) this.#reader.pass(chunk.subarray(from, to));
  }

  #reset(): void {
    this.#partial = undefined;
    this.#got = 0;
    this.#need = 0;
    this.#kept = false;
  }
}

const NOT_KNOWN = Number.POSITIVE_INFINITY;
