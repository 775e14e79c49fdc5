import { z } from 'zod';
import { formatDuration } from '../core/units.ts';
import { ON_ANY_CONNECTION } from './any-connection.ts';
import { milliseconds } from './attributes.ts';
import type { BytesBehaviour, BytesContext, BytesFault } from './contract.ts';
import { Fifo } from './fifo.ts';

const attributes = z.strictObject({
  latency: milliseconds('Delay of each chunk'),
  jitter: milliseconds('Most by which the delay varies, up or down'),
});
type LatencyAttributes = z.output<typeof attributes>;

/** Toxiproxy's `latency`: delays chunks, keeps their order, and leaves the throughput alone. */
export const latency: BytesFault<LatencyAttributes> = {
  ...ON_ANY_CONNECTION,
  type: 'latency',
  layer: 'bytes',
  attributes,
  summary: 'Delays every chunk of bytes',
  undo: 'delayed bytes go on at once',
  endsConnections: false,
  addedLatency: ({ latency, jitter }) => latency + jitter,
  explain: ({ latency, jitter }) =>
    `delay each chunk by ${formatDuration(latency)}${jitter > 0 ? ` ± ${formatDuration(jitter)}` : ''}`,
  create: (context) => new Delay(context),
};

/** As much as Toxiproxy lets wait: 1024 chunks of 32 KiB. */
const CAPACITY = 32 * 2 ** 20;

interface Waiting {
  readonly chunk: Buffer;
  readonly arrived: number;
  readonly draw: number;
  due: number;
}

class Delay implements BytesBehaviour {
  readonly capacity = CAPACITY;
  held = 0;
  readonly #context: BytesContext<LatencyAttributes>;
  readonly #queue = new Fifo<Waiting>();
  #ended = false;
  #cancel: (() => void) | undefined;

  constructor(context: BytesContext<LatencyAttributes>) {
    this.#context = context;
  }

  push(chunk: Buffer): void {
    const draw = this.#context.attributes.jitter > 0 ? this.#context.random() : 0;
    const delay = this.#delay(draw);
    if (delay > 0) this.#context.injected();
    const arrived = this.#context.clock.now();
    if (delay <= 0 && this.#queue.length === 0) {
      this.#context.emit(chunk);
      return;
    }
    this.held += chunk.length;
    this.#queue.push({ chunk, arrived, draw, due: arrived + delay });
    if (this.#queue.length === 1) this.#arm();
  }

  end(): void {
    this.#ended = true;
    if (this.#queue.length === 0) this.#context.emitEnd();
  }

  /** A shorter delay holds for what waits already; a longer one only for what comes. */
  updated(): void {
    for (const waiting of this.#queue)
      waiting.due = Math.min(waiting.due, waiting.arrived + this.#delay(waiting.draw));
    this.#flow(this.#context.clock.now());
  }

  release(): void {
    this.#flow(Number.POSITIVE_INFINITY);
  }

  #delay(draw: number): number {
    const { latency, jitter } = this.#context.attributes;
    return latency + (draw * 2 - 1) * jitter;
  }

  #flow(until: number): void {
    this.#cancel?.();
    this.#cancel = undefined;
    if (this.#queue.length === 0) return;
    for (let first = this.#queue.first; first && first.due <= until; first = this.#queue.first) {
      this.#queue.shift();
      this.held -= first.chunk.length;
      this.#context.emit(first.chunk);
    }
    if (this.#queue.length > 0) this.#arm();
    else if (this.#ended) this.#context.emitEnd();
  }

  #arm(): void {
    const { clock } = this.#context;
    const wait = this.#queue.first!.due - clock.now();
    this.#cancel = clock.after(Math.max(0, wait), () => this.#flow(clock.now()));
  }
}
