import { z } from 'zod';
import { formatCount, formatSize } from '../core/units.ts';
import { bytes } from './attributes.ts';
import type { HttpFault } from './contract.ts';
import { ON_HTTP } from './on-http.ts';

const attributes = z.strictObject({
  afterBytes: bytes('How much of the body is let through'),
});

/** Ends a body early in a transfer that ends well, without a length: nothing on the wire says that anything is missing. */
export const httpTruncate: HttpFault<z.output<typeof attributes>> = {
  ...ON_HTTP,
  type: 'http_truncate',
  attributes,
  summary: 'Ends the body of an answer early, as if it were whole',
  undo: 'new answers are whole again; those cut short stay so',
  endsConnections: false,
  lasting: (_, times, by) => `${formatCount(times, 'answer')} ended early as if whole, by ${by}`,
  addedLatency: () => 0,
  explain: ({ afterBytes }) =>
    `end each answer after ${formatSize(afterBytes)} of its body, as if it were whole`,
  create(context) {
    // What a renewal changes holds for requests to come: one that is under way keeps its place of truncation.
    const { afterBytes } = context.attributes;
    return {
      resizes: true,
      chunk(chunk, offset) {
        if (offset + chunk.length <= afterBytes) return { do: 'pass' };
        context.injected();
        return { do: 'cut', how: 'clean', before: chunk.subarray(0, Math.max(0, afterBytes - offset)) };
      },
      end() {
        context.skipped('body too short');
        return { do: 'pass' };
      },
    };
  },
};
