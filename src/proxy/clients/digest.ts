import { randomBytes } from 'node:crypto';
import { crc32 } from 'node:zlib';

/** By what a request is known again: two halves of 32 bits, the first of which finds it and the second of which proves it. */
export interface Digest {
  readonly half: number;
  readonly proof: number;
}

/**
 * Drawn anew by each process. A digest means nothing outside of it: what it was made of cannot be found by trying out
 * likely prompts or keys elsewhere.
 */
const KEY = randomBytes(12);
const KEY_HALF = KEY.readInt32LE(0);
const KEY_PROOF = KEY.readInt32LE(4);
const KEY_BYTES = KEY.readUInt32LE(8);

/** Takes in what a request is made of, and makes nothing but numbers of it. Not for security: it is fast. */
export class Digester implements Digest {
  #half = KEY_HALF;
  #proof = KEY_PROOF;
  #bytes = KEY_BYTES;
  #length = 0;

  /** Forgets what it took in. */
  begin(): this {
    this.#half = KEY_HALF;
    this.#proof = KEY_PROOF;
    this.#bytes = KEY_BYTES;
    this.#length = 0;
    return this;
  }

  /** Of what was taken in so far. */
  get half(): number {
    return finish(mixHalf(this.#half, this.#bytes), this.#length);
  }

  get proof(): number {
    return finish(mixProof(this.#proof, this.#bytes), this.#length);
  }

  text(text: string): this {
    for (let at = 0; at < text.length; at++) this.number(text.charCodeAt(at));
    return this.number(text.length);
  }

  number(number: number): this {
    this.#half = mixHalf(this.#half, number);
    this.#proof = mixProof(this.#proof, number);
    return this;
  }

  /** Bytes that may come in several pieces, cut anywhere. */
  bytes(piece: Uint8Array): this {
    this.#bytes = crc32(piece, this.#bytes);
    this.#length += piece.length;
    return this;
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
