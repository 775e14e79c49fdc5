import { z } from 'zod';
import { formatSize } from '../core/units.ts';
import { ON_ANY_CONNECTION } from './any-connection.ts';
import { choice, kilobytesPerSecond } from './attributes.ts';
import type { BytesBehaviour, BytesContext, BytesFault } from './contract.ts';
import { Fifo } from './fifo.ts';

const attributes = z.strictObject({
  rate: kilobytesPerSecond('Bytes a second, in thousands; 0 lets nothing pass'),
  scope: choice(
    'Whether each connection has the rate for itself, or all of the proxy share it',
    ['connection', 'proxy'],
    'connection',
  ),
});
type BandwidthAttributes = z.output<typeof attributes>;

/** Toxiproxy's `bandwidth`: lets so many thousand bytes a second pass, in slices of at most 50 ms. */
export const bandwidth: BytesFault<BandwidthAttributes> = {
  ...ON_ANY_CONNECTION,
  type: 'bandwidth',
  layer: 'bytes',
  attributes,
  summary: 'Limits the bytes a second',
  undo: 'bytes that wait go on at once',
  endsConnections: false,
  // What an answer of 64 KiB takes: the delay depends on the size, so it is stated for one.
  addedLatency: ({ rate }) => 65_536 / rate,
  explain: ({ rate, scope }) =>
    rate > 0
      ? `let ${formatSize(rate * 1000)} a second pass, ${scope === 'proxy' ? 'shared by all connections' : 'on each connection'}`
      : 'let nothing pass',
  create: (context) => new Throttle(context),
};

const CAPACITY = 65_536;
/** So that a receiver gets something at least 20 times a second, however long the chunks are that were read. */
const SLICE_MS = 50;

/** A road that is busy until `free`; one per connection, or one that a proxy's connections share. */
interface Lane {
  free: number;
}

interface Waiting {
  chunk: Buffer;
  readonly arrived: number;
}

class Throttle implements BytesBehaviour {
  readonly capacity = CAPACITY;
  held = 0;
  readonly #context: BytesContext<BandwidthAttributes>;
  readonly #own: Lane = { free: 0 };
  readonly #queue = new Fifo<Waiting>();
  /** Nothing was reserved because the rate is 0. */
  #stopped = false;
  #ended = false;
  #cancel: (() => void) | undefined;

  constructor(context: BytesContext<BandwidthAttributes>) {
    this.#context = context;
  }

  push(chunk: Buffer): void {
    this.#context.injected();
    this.#queue.push({ chunk, arrived: this.#context.clock.now() });
    this.held += chunk.length;
    if (this.#queue.length === 1) this.#flow();
  }

  end(): void {
    this.#ended = true;
    if (this.#queue.length === 0) this.#context.emitEnd();
  }

  updated(): void {
    if (!this.#stopped || this.#context.attributes.rate <= 0) return;
    // What could not pass before has earned no credit: it begins at the new rate now.
    const lane = this.#lane();
    lane.free = Math.max(lane.free, this.#context.clock.now());
    this.#flow();
  }

  release(): void {
    this.#cancel?.();
    if (this.#queue.length === 0) return;
    this.held = 0;
    for (let next = this.#queue.shift(); next; next = this.#queue.shift()) this.#context.emit(next.chunk);
    if (this.#ended) this.#context.emitEnd();
  }

  /** Hands on the slices whose time on the lane is over, and waits for the next one's. */
  #flow(): void {
    const { clock } = this.#context;
    for (let { first } = this.#queue; first; first = this.#queue.first) {
      const { rate } = this.#context.attributes;
      this.#stopped = rate <= 0;
      if (this.#stopped) return;
      const size = Math.min(first.chunk.length, Math.max(1, Math.floor(rate * SLICE_MS)));
      const lane = this.#lane();
      // From the arrival, not from now: a timer that fired late costs no throughput.
      lane.free = Math.max(lane.free, first.arrived) + size / rate;
      const wait = lane.free - clock.now();
      if (wait > 0) {
        this.#cancel = clock.after(wait, () => {
          this.#cancel = undefined;
          this.#pass(size);
          this.#flow();
        });
        return;
      }
      this.#pass(size);
    }
    if (this.#ended) this.#context.emitEnd();
  }

  #pass(size: number): void {
    const first = this.#queue.first!;
    const slice = first.chunk.subarray(0, size);
    if (size < first.chunk.length) first.chunk = first.chunk.subarray(size);
    else this.#queue.shift();
    this.held -= size;
    this.#context.emit(slice);
  }

  #lane(): Lane {
    const shared = this.#context.attributes.scope === 'proxy';
    return shared ? this.#context.shared('lane', () => ({ free: 0 })) : this.#own;
  }
}
