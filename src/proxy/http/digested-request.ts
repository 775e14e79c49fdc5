import http from 'node:http';
import { type Digest, Digester } from '../clients/digest.ts';

/** Of a longer body its beginning is enough to know the request again, bytes. */
const DIGESTED = 64 * 1024;

/** A request whose body, as it arrives, is made a digest of; whoever reads it, and when, is not touched. */
export class DigestedRequest extends http.IncomingMessage {
  #digester: Digester | undefined;
  #known: ((digest: Digest) => void) | undefined;
  #left = DIGESTED;

  /** What it is known by without its body; asked for before any of that has come. */
  headDigest: Digest | undefined;

  /**
   * Calls `known` once, as soon as it can be known again by its head and body. Asked before any of the body has come, or
   * with all of it where it comes another way.
   */
  digest(head: readonly string[], known: (digest: Digest) => void, body?: readonly Buffer[]): void {
    const digester = new Digester();
    for (const text of head) digester.text(text);
    this.headDigest = { half: digester.half, proof: digester.proof };
    this.#digester = digester;
    this.#known = known;
    if (!body) return;
    for (const chunk of body) if (this.#digester) this.#take(digester, chunk);
    if (this.#digester) this.#take(digester, null);
  }

  override push(chunk: Buffer | null, encoding?: BufferEncoding): boolean {
    if (this.#digester) this.#take(this.#digester, chunk);
    return super.push(chunk, encoding);
  }

  #take(digester: Digester, chunk: Buffer | null): void {
    if (chunk) {
      digester.bytes(chunk.length > this.#left ? chunk.subarray(0, this.#left) : chunk);
      this.#left -= chunk.length;
    }
    if (chunk && this.#left > 0) return;
    this.#digester = undefined;
    this.#known?.(digester);
  }
}
