/** The beginning of a piece whose end has not come, up to a cap. */
export class Pending {
  readonly #cap: number;
  #chunks: Buffer[] = [];
  #length = 0;

  /** @param cap most bytes that are held together */
  constructor(cap: number) {
    this.#cap = cap;
  }

  /** Puts more of the piece by; false, and nothing put by, where it grows beyond the cap. */
  add(more: Buffer): boolean {
    if (this.#length + more.length > this.#cap) return false;
    if (more.length > 0) this.#chunks.push(more);
    this.#length += more.length;
    return true;
  }

  /** All that was put by and what comes last, as one piece. */
  take(last: Buffer = Buffer.alloc(0)): Buffer {
    const whole = this.#chunks.length === 0 ? last : Buffer.concat([...this.#chunks, last]);
    this.#chunks = [];
    this.#length = 0;
    return whole;
  }
}
