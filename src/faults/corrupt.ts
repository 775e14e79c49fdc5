import { z } from 'zod';
import { formatCount, formatShare, formatSize } from '../core/units.ts';
import { ON_ANY_CONNECTION } from './any-connection.ts';
import { bytes, share } from './attributes.ts';
import type { BytesBehaviour, BytesContext, BytesFault } from './contract.ts';

const attributes = z.strictObject({
  rate: share('Share of the bytes that are changed', 0.001),
  after: bytes('What passes unchanged first, of each connection'),
});
type CorruptAttributes = z.output<typeof attributes>;

/** Changes single bytes to others and keeps their number: what TLS and checksums notice, and plain protocols may not. */
export const corrupt: BytesFault<CorruptAttributes> = {
  ...ON_ANY_CONNECTION,
  type: 'corrupt',
  layer: 'bytes',
  attributes,
  summary: 'Changes a share of the bytes',
  undo: 'connections that carried a changed byte are closed; the others go on',
  endsConnections: true,
  lasting: (_, times, by) =>
    `${formatCount(times, 'connection')} carried bytes changed by ${by}, and ended when it was taken back`,
  addedLatency: () => 0,
  explain: ({ rate, after }) =>
    `change ${formatShare(rate)} of the bytes${after > 0 ? ` after the first ${formatSize(after)}` : ''}`,
  create: (context) => new Corruption(context),
};

class Corruption implements BytesBehaviour {
  readonly capacity = 0;
  readonly held = 0;
  spoiled = false;
  readonly #context: BytesContext<CorruptAttributes>;
  #passed = 0;
  /** Bytes that pass unchanged before the next that is changed; undefined until one is drawn. */
  #gap: number | undefined;

  constructor(context: BytesContext<CorruptAttributes>) {
    this.#context = context;
  }

  push(chunk: Buffer): void {
    const from = Math.min(chunk.length, Math.max(0, this.#context.attributes.after - this.#passed));
    this.#passed += chunk.length;
    let changed: Buffer | undefined;
    let at = from;
    for (;;) {
      this.#gap ??= this.#draw();
      if (at + this.#gap >= chunk.length) break;
      at += this.#gap;
      // A copy: the memory of a chunk is not the fault's to write in.
      changed ??= Buffer.from(chunk);
      changed[at] = changed[at]! ^ (1 + Math.floor(this.#context.random() * 255));
      this.#gap = undefined;
      at++;
    }
    this.#gap -= chunk.length - at;
    if (changed) {
      this.spoiled = true;
      this.#context.injected();
    }
    this.#context.emit(changed ?? chunk);
  }

  end(): void {
    this.#context.emitEnd();
  }

  updated(): void {
    this.#gap = undefined;
  }

  release(): void {}

  /** How many bytes are spared in a row when each is hit with the same chance: the geometric distribution, by inversion. */
  #draw(): number {
    const { rate } = this.#context.attributes;
    if (rate <= 0) return Number.POSITIVE_INFINITY;
    if (rate >= 1) return 0;
    return Math.floor(Math.log(1 - this.#context.random()) / Math.log(1 - rate));
  }
}
