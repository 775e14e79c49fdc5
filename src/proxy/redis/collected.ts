/** The pieces of one reply, kept back until it is known what becomes of them. */
export class Collected {
  #pieces: Buffer[] = [];
  bytes = 0;

  add(piece: Buffer): void {
    this.#pieces.push(piece);
    this.bytes += piece.length;
  }

  /** Forgets the pieces, for a reply that is dropped however long it is. */
  drop(): void {
    this.#pieces = [];
  }

  /** Hands the pieces on as they came. */
  pass(to: (piece: Buffer) => void): void {
    for (const piece of this.#pieces) to(piece);
  }

  get whole(): Buffer {
    return this.#pieces.length === 1 ? this.#pieces[0]! : Buffer.concat(this.#pieces);
  }
}
