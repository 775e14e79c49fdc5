import { z } from 'zod';
import { formatSize } from '../core/units.ts';
import { bytes } from './attributes.ts';
import type { HttpFault } from './contract.ts';
import { ON_HTTP } from './on-http.ts';

const attributes = z.strictObject({
  afterBytes: bytes('How much of the body is let through before it stops'),
});

/** Stops an answer within its body with the connection open: its head has come, so many a client's time-out is over. */
export const httpStall: HttpFault<z.output<typeof attributes>> = {
  ...ON_HTTP,
  type: 'http_stall',
  attributes,
  summary: 'Stops an answer within its body, with its connection open',
  undo: 'stalled answers go on at once, with nothing lost',
  endsConnections: false,
  addedLatency: () => Number.POSITIVE_INFINITY,
  explain: ({ afterBytes }) =>
    `stall each answer after ${formatSize(afterBytes)} of its body, until taken back`,
  create(context) {
    const { afterBytes } = context.attributes;
    let done = false;
    return {
      async chunk(chunk, offset) {
        if (done || offset + chunk.length <= afterBytes) return { do: 'pass' };
        if (offset < afterBytes) return { do: 'split', at: afterBytes - offset };
        done = true;
        context.injected();
        await context.hold(Number.POSITIVE_INFINITY);
        return { do: 'pass' };
      },
      end() {
        context.skipped('body too short');
        return { do: 'pass' };
      },
    };
  },
};
