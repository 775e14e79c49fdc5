import { z } from 'zod';
import { formatDuration, formatSize } from '../core/units.ts';
import { ON_ANY_CONNECTION } from './any-connection.ts';
import { bytes, microseconds } from './attributes.ts';
import type { BytesBehaviour, BytesContext, BytesFault } from './contract.ts';
import { Fifo } from './fifo.ts';

const attributes = z.strictObject({
  average_size: bytes('Average size of a piece', 512).refine((size) => size >= 1, {
    message: 'average_size must be at least 1 byte',
  }),
  size_variation: bytes('Most by which a piece is larger or smaller'),
  delay: microseconds('Pause after each piece'),
});
type SlicerAttributes = z.output<typeof attributes>;

/** Toxiproxy's `slicer`: cuts chunks into small pieces, with a pause after each. */
export const slicer: BytesFault<SlicerAttributes> = {
  ...ON_ANY_CONNECTION,
  type: 'slicer',
  layer: 'bytes',
  attributes,
  summary: 'Cuts data into small pieces with pauses between',
  undo: 'pieces that wait go on at once',
  endsConnections: false,
  // A pause for every piece of a full read of 64 KiB.
  addedLatency: ({ average_size, delay }) => (Math.ceil(65_536 / average_size) * delay) / 1000,
  explain({ average_size, size_variation, delay }) {
    const size = `${formatSize(average_size)}${size_variation > 0 ? ` ± ${formatSize(size_variation)}` : ''}`;
    return `cut data into pieces of ${size}${delay > 0 ? `, each followed by a pause of ${formatDuration(delay / 1000)}` : ''}`;
  },
  create: (context) => new Slices(context),
};

/**
 * The ends of the pieces of `length` bytes: halves, shifted by up to `variation`, until a piece is at most
 * `average + variation` long.
 */
export function sliceEnds(
  length: number,
  average: number,
  variation: number,
  random: () => number,
): readonly number[] {
  const ends: number[] = [];
  const split = (start: number, end: number) => {
    if (end - start <= Math.max(1, average + variation)) {
      ends.push(end);
      return;
    }
    const shift = variation > 0 ? Math.floor(random() * variation * 2) - variation : 0;
    const middle = start + Math.floor((end - start) / 2) + shift;
    const inside = Math.min(end - 1, Math.max(start + 1, middle));
    split(start, inside);
    split(inside, end);
  };
  if (length > 0) split(0, length);
  return ends;
}

class Slices implements BytesBehaviour {
  readonly capacity = 0;
  held = 0;
  readonly #context: BytesContext<SlicerAttributes>;
  readonly #pieces = new Fifo<Buffer>();
  #free = 0;
  #ended = false;
  #cancel: (() => void) | undefined;

  constructor(context: BytesContext<SlicerAttributes>) {
    this.#context = context;
  }

  push(chunk: Buffer): void {
    const { average_size, size_variation } = this.#context.attributes;
    let start = 0;
    for (const end of sliceEnds(chunk.length, average_size, size_variation, this.#context.random)) {
      this.#pieces.push(chunk.subarray(start, end));
      start = end;
    }
    this.held += chunk.length;
    this.#context.injected();
    if (!this.#cancel) this.#flow();
  }

  end(): void {
    this.#ended = true;
    if (this.#pieces.length === 0) this.#context.emitEnd();
  }

  release(): void {
    this.#cancel?.();
    if (this.#pieces.length === 0) return;
    while (this.#pieces.length > 0) this.#emitFirst();
    if (this.#ended) this.#context.emitEnd();
  }

  #flow(): void {
    const { clock } = this.#context;
    this.#cancel = undefined;
    this.#free = Math.max(this.#free, clock.now() - 1);
    while (this.#pieces.length > 0) {
      const wait = this.#free - clock.now();
      if (wait > 0) {
        this.#cancel = clock.after(wait, () => this.#flow());
        return;
      }
      this.#emitFirst();
      this.#free += this.#context.attributes.delay / 1000;
    }
    if (this.#ended) this.#context.emitEnd();
  }

  #emitFirst(): void {
    const piece = this.#pieces.shift()!;
    this.held -= piece.length;
    this.#context.emit(piece);
  }
}
