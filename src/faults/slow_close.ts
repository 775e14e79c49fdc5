import { z } from 'zod';
import { formatDuration } from '../core/units.ts';
import { ON_ANY_CONNECTION } from './any-connection.ts';
import { milliseconds } from './attributes.ts';
import type { BytesFault } from './contract.ts';

const attributes = z.strictObject({
  delay: milliseconds('How long the end of the stream is held back'),
});

/** Toxiproxy's `slow_close`: data passes, the close comes late. */
export const slowClose: BytesFault<z.output<typeof attributes>> = {
  ...ON_ANY_CONNECTION,
  type: 'slow_close',
  layer: 'bytes',
  attributes,
  summary: 'Holds the close of a connection back',
  undo: 'a close that was held back goes on at once',
  endsConnections: false,
  addedLatency: ({ delay }) => delay,
  explain: ({ delay }) => `hold the close back for ${formatDuration(delay)}`,
  create(context) {
    let endedAt: number | undefined;
    let cancel: (() => void) | undefined;
    const finish = () => {
      cancel?.();
      cancel = undefined;
      endedAt = undefined;
      context.emitEnd();
    };
    const wait = (since: number) => {
      cancel?.();
      const left = since + context.attributes.delay - context.clock.now();
      if (left <= 0) return finish();
      cancel = context.clock.after(left, finish);
    };
    return {
      capacity: 0,
      held: 0,
      push: (chunk) => context.emit(chunk),
      end() {
        endedAt = context.clock.now();
        if (context.attributes.delay > 0) context.injected();
        wait(endedAt);
      },
      updated() {
        if (endedAt !== undefined) wait(endedAt);
      },
      release() {
        if (endedAt !== undefined) finish();
      },
    };
  },
};
