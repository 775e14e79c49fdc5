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
  const { near, far } = pendingLinkEnds();
  far.connecting = false;
  return { near, far };
}

/** The same, of which the far one counts as connecting until `connected` is called. */
export function pendingLinkEnds() {
  const near = new Near();
  const far = new Far(near);
  near.other = far;
  far.other = near;
  const connected = () => {
    far.connecting = false;
    far.emit('connect');
  };
  return { near, far, connected };
}

type Written = (error?: Error | null) => void;

abstract class LinkEnd extends Duplex {
  other!: LinkEnd;
  connecting = false;
  #taken: (() => void) | undefined;

  /** What is written reaches the other end in this very call while nothing waits on the way; else it queues as in any stream. */
  override write(chunk: Buffer | string, encoding?: BufferEncoding | Written, done?: Written): boolean {
    const direct = this.writable && this.writableLength === 0 && this.writableCorked === 0;
    if (!direct || !this.other.takesNow) return super.write(chunk, encoding as BufferEncoding, done);
    const written = typeof encoding === 'function' ? encoding : done;
    const given = typeof encoding === 'string' ? encoding : 'utf8';
    if (chunk.length > 0)
      this.other.emit('data', typeof chunk === 'string' ? Buffer.from(chunk, given) : chunk);
    if (written) process.nextTick(written);
    return true;
  }

  /** Somebody reads, and has read all that came before. */
  get takesNow(): boolean {
    const reads = this.readableFlowing === true && this.readableLength === 0 && !this.destroyed;
    return reads && this.listenerCount('data') > 0;
  }

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

  /** A head and its body, or several events: one packet in place of several. */
  override _writev(writes: { chunk: Buffer }[], done: () => void): void {
    const chunks = writes.map(({ chunk }) => chunk);
    this._write(Buffer.concat(chunks), 'buffer' as BufferEncoding, done);
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
    // While it is connecting, nobody reads the other end.
    if (this.writableEnded || this.other.connecting) this.destroy();
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
  override connecting = true;
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
