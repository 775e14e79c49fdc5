/** More digits than any length or count has; also keeps the value exact in a double. */
const MOST_DIGITS = 15;

/**
 * The number between a type byte and its CRLF, read in as many pieces as it comes in. `?` (a streamed length, RESP3) reads
 * as Infinity.
 */
export class NumberLine {
  value = 0;
  /** The line is over; `value` holds. */
  done = false;
  /** This is no number line. */
  broken = false;
  #digits = 0;
  #negative = false;
  #carriageReturn = false;

  begin(): void {
    this.value = 0;
    this.done = false;
    this.#digits = 0;
    this.#negative = false;
    this.#carriageReturn = false;
  }

  /** Reads on from `at`; answers where it stopped: behind the line, at the chunk's end, or at what breaks it. */
  read(chunk: Buffer, at: number): number {
    for (; at < chunk.length; at++) {
      const byte = chunk[at]!;
      if (byte >= 48 && byte <= 57 && !this.#carriageReturn && this.value !== Infinity) {
        if (++this.#digits > MOST_DIGITS) break;
        this.value = this.value * 10 + byte - 48;
      } else if (byte === 13 && this.#digits > 0 && !this.#carriageReturn) this.#carriageReturn = true;
      else if (byte === 10 && this.#carriageReturn) {
        if (this.#negative) this.value = -this.value;
        this.done = true;
        return at + 1;
      } else if (byte === 45 && this.#digits === 0 && !this.#negative) this.#negative = true;
      else if (byte === 63 && this.#digits === 0 && !this.#negative) {
        this.#digits = 1;
        this.value = Infinity;
      } else break;
    }
    if (at < chunk.length) this.broken = true;
    return at;
  }
}
