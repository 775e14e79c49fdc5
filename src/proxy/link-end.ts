import { Duplex } from 'node:stream';
import type { Ending } from '../faults/contract.ts';
import type { NearEnd } from './contract.ts';

/** One side of a link: a socket, or the far end of a pair whose near end an HTTP server has. */
export interface Side extends Duplex {
  readonly connecting?: boolean;
  /** What a socket has sent to its peer; a pair has no wire. */
  readonly bytesWritten?: number;
  destroySoon(): void;
  resetAndDestroy(): unknown;
  /** How the near end of a pair wants the client's connection closed once what it wrote is through. */
  readonly closing?: Ending | undefined;
}

/** Two ends that hand each other what is written to them. What is written to an end that is gone is dropped. */
export function linkEnds(): { readonly near: NearEnd; readonly far: Side } {
  const near = new Near();
  const far = new Far(near);
  near.other = far;
  far.other = near;
  return { near, far };
}

abstract class LinkEnd extends Duplex {
  other!: LinkEnd;
  #taken: (() => void) | undefined;

  override _read(): void {
    const taken = this.#taken;
    this.#taken = undefined;
    taken?.();
  }

  override _write(chunk: Buffer, _: BufferEncoding, done: () => void): void {
    const { other } = this;
    if (other.destroyed || chunk.length === 0 || other.push(chunk)) done();
    else other.#taken = done;
  }

  override _final(done: () => void): void {
    if (!this.other.destroyed) this.other.push(null);
    done();
  }

  override _destroy(error: Error | null, done: (error: Error | null) => void): void {
    this._read();
    done(error);
  }
}

class Near extends LinkEnd implements NearEnd {
  closing: Ending | undefined;

  destroySoon(): void {
    this.#closeAfterWrites('fin');
  }

  resetAndDestroy(): this {
    this.#closeAfterWrites('rst');
    return this;
  }

  #closeAfterWrites(how: Ending): void {
    this.closing = how;
    if (this.writableEnded) this.destroy();
    else this.end();
  }

  override _destroy(error: Error | null, done: (error: Error | null) => void): void {
    // All that was written is in the far end's hands and is still sent on; else the connection breaks off here.
    if (this.writableFinished && !this.other.readableEnded) this.closing ??= 'fin';
    else this.other.destroy();
    super._destroy(error, done);
  }
}

class Far extends LinkEnd implements Side {
  readonly #near: Near;

  constructor(near: Near) {
    super();
    this.#near = near;
  }

  get closing(): Ending | undefined {
    return this.#near.closing;
  }

  destroySoon(): void {
    if (this.writableFinished) {
      this.destroy();
      return;
    }
    this.once('finish', () => this.destroy());
    this.end();
  }

  resetAndDestroy(): this {
    return this.destroy();
  }

  override _destroy(error: Error | null, done: (error: Error | null) => void): void {
    this.#near.destroy();
    super._destroy(error, done);
  }
}
