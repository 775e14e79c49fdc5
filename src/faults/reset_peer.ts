import { z } from 'zod';
import { formatDuration } from '../core/units.ts';
import { ON_ANY_CONNECTION } from './any-connection.ts';
import { milliseconds } from './attributes.ts';
import type { BytesBehaviour, BytesContext, BytesFault } from './contract.ts';

const attributes = z.strictObject({
  timeout: milliseconds('Wait between the first data (or the close) and the reset'),
});
type ResetAttributes = z.output<typeof attributes>;

/**
 * Toxiproxy's `reset_peer`: at the first data or close, waits and resets. Only connections opened under it are reset;
 * those that were there before are closed by FIN.
 */
export const resetPeer: BytesFault<ResetAttributes> = {
  ...ON_ANY_CONNECTION,
  type: 'reset_peer',
  layer: 'bytes',
  attributes,
  summary: 'Resets connections that carry data',
  undo: 'connections that wait for their reset go on without losing a byte; those reset stay closed',
  endsConnections: true,
  addedLatency: ({ timeout }) => timeout,
  explain: ({ timeout }) =>
    timeout > 0
      ? `reset the connection ${formatDuration(timeout)} after its first data`
      : 'reset the connection at its first data',
  create: (context) => new Reset(context),
};

class Reset implements BytesBehaviour {
  // Nothing more is read once data waits here, as Toxiproxy reads nothing while it waits.
  readonly capacity = 0;
  held = 0;
  readonly #context: BytesContext<ResetAttributes>;
  readonly #chunks: Buffer[] = [];
  #since: number | undefined;
  #ended = false;
  #cancel: (() => void) | undefined;

  constructor(context: BytesContext<ResetAttributes>) {
    this.#context = context;
  }

  push(chunk: Buffer): void {
    this.#chunks.push(chunk);
    this.held += chunk.length;
    this.#begin();
  }

  end(): void {
    this.#ended = true;
    this.#begin();
  }

  updated(): void {
    if (this.#since !== undefined) this.#wait(this.#since);
  }

  release(): void {
    this.#cancel?.();
    const chunks = this.#chunks.splice(0);
    this.held = 0;
    for (const chunk of chunks) this.#context.emit(chunk);
    if (this.#ended) this.#context.emitEnd();
  }

  #begin(): void {
    if (this.#since !== undefined) return;
    this.#since = this.#context.clock.now();
    this.#context.injected();
    this.#wait(this.#since);
  }

  #wait(since: number): void {
    this.#cancel?.();
    const close = () => this.#context.close(this.#context.opened === 'after' ? 'rst' : 'fin');
    const left = since + this.#context.attributes.timeout - this.#context.clock.now();
    if (left <= 0) close();
    else this.#cancel = this.#context.clock.after(left, close);
  }
}
