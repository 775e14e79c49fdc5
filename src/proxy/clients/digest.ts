import { randomBytes } from 'node:crypto';

/**
 * By what a request is known again: two 32-bit halves, the first of which finds it and the second of which proves it.
 */
export interface Digest {
  readonly half: number;
  readonly proof: number;
}

/**
 * Drawn anew by each process. A digest means nothing outside of it: what it was made of cannot be found by trying out
 * likely prompts or keys elsewhere.
 */
const KEY = randomBytes(8);
const KEY_HALF = KEY.readInt32LE(0);
const KEY_PROOF = KEY.readInt32LE(4);

/** Takes in what a request is made of, in pieces of any size, and makes nothing but numbers of it. Not for security: it is fast. */
export class Digester implements Digest {
  #half = KEY_HALF;
  #proof = KEY_PROOF;
  /** Bytes of a word that is not whole yet. */
  #word = 0;
  #bits = 0;
  #length = 0;

  begin(): this {
    this.#half = KEY_HALF;
    this.#proof = KEY_PROOF;
    this.#word = 0;
    this.#bits = 0;
    this.#length = 0;
    return this;
  }

  /** What was taken in so far. */
  get half(): number {
    return finish(mixHalf(this.#half, this.#word), this.#length);
  }

  get proof(): number {
    return finish(mixProof(this.#proof, this.#word), this.#length);
  }

  /** Only before any bytes. */
  text(text: string): this {
    for (let at = 0; at < text.length; at++) this.#mix(text.charCodeAt(at));
    return this.number(text.length);
  }

  /** Only before any bytes. */
  number(number: number): this {
    this.#mix(number | 0);
    return this;
  }

  bytes(chunk: Uint8Array, from = 0, to = chunk.length): this {
    let at = from;
    this.#length += to - from;
    while (this.#bits > 0 && at < to) this.#byte(chunk[at++]!);
    let half = this.#half;
    let proof = this.#proof;
    for (; at + 4 <= to; at += 4) {
      const word = chunk[at]! | (chunk[at + 1]! << 8) | (chunk[at + 2]! << 16) | (chunk[at + 3]! << 24);
      half = mixHalf(half, word);
      proof = mixProof(proof, word);
    }
    this.#half = half;
    this.#proof = proof;
    while (at < to) this.#byte(chunk[at++]!);
    return this;
  }

  #byte(byte: number): void {
    this.#word |= byte << this.#bits;
    this.#bits += 8;
    if (this.#bits < 32) return;
    this.#mix(this.#word);
    this.#word = 0;
    this.#bits = 0;
  }

  #mix(word: number): void {
    this.#half = mixHalf(this.#half, word);
    this.#proof = mixProof(this.#proof, word);
  }
}

// Multiplying and turning a word after another, as MurmurHash3 does, by its constants.

function mixHalf(half: number, word: number): number {
  const mixed = Math.imul(half ^ word, 0x85ebca6b);
  return (mixed << 13) | (mixed >>> 19);
}

function mixProof(proof: number, word: number): number {
  const mixed = Math.imul((proof + word) | 0, 0xc2b2ae35);
  return (mixed << 17) | (mixed >>> 15);
}

function finish(state: number, length: number): number {
  let mixed = state ^ length;
  mixed = Math.imul(mixed ^ (mixed >>> 16), 0x85ebca6b);
  mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2ae35);
  return mixed ^ (mixed >>> 16);
}
