import { z } from 'zod';
import { formatCount, formatDuration } from '../core/units.ts';
import { ON_ANY_CONNECTION } from './any-connection.ts';
import { milliseconds } from './attributes.ts';
import type { BytesBehaviour, BytesContext, BytesFault } from './contract.ts';

const attributes = z.strictObject({
  timeout: milliseconds('Silence after which the connection is closed; 0 never closes it'),
});
type TimeoutAttributes = z.output<typeof attributes>;

/** Toxiproxy's `timeout`: swallows all data, but no end; after `timeout` without any more of it, closes. */
export const timeout: BytesFault<TimeoutAttributes> = {
  ...ON_ANY_CONNECTION,
  type: 'timeout',
  layer: 'bytes',
  attributes,
  summary: 'Swallows all data, then closes the connection',
  undo: 'connections that lost data are closed; those closed stay closed',
  endsConnections: true,
  lasting: (_, times, by) =>
    `${formatCount(times, 'connection')} lost data or fell silent, and ended, by ${by}`,
  addedLatency: ({ timeout }) => (timeout > 0 ? timeout : Number.POSITIVE_INFINITY),
  explain: ({ timeout }) =>
    timeout > 0
      ? `swallow all data and close the connection after ${formatDuration(timeout)} of silence`
      : 'swallow all data and never close the connection',
  create: (context) => new Silence(context),
};

class Silence implements BytesBehaviour {
  readonly capacity = Number.POSITIVE_INFINITY;
  readonly held = 0;
  spoiled = false;
  readonly #context: BytesContext<TimeoutAttributes>;
  #since: number;
  #ended = false;
  #cancel: (() => void) | undefined;

  constructor(context: BytesContext<TimeoutAttributes>) {
    this.#context = context;
    this.#since = context.clock.now();
    this.#wait();
  }

  push(): void {
    this.#context.injected();
    this.spoiled = true;
    this.#since = this.#context.clock.now();
    this.#wait();
  }

  end(): void {
    this.#ended = true;
    this.#cancel?.();
    this.#context.emitEnd();
  }

  updated(): void {
    if (!this.#ended) this.#wait();
  }

  release(): void {
    this.#cancel?.();
  }

  #wait(): void {
    this.#cancel?.();
    this.#cancel = undefined;
    const { timeout } = this.#context.attributes;
    if (timeout <= 0) return;
    const left = this.#since + timeout - this.#context.clock.now();
    this.#cancel = this.#context.clock.after(Math.max(0, left), () => {
      this.#context.injected();
      this.#context.close('fin');
    });
  }
}
