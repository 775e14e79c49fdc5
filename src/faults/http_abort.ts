import { z } from 'zod';
import { formatSize } from '../core/units.ts';
import { bytes, choice } from './attributes.ts';
import type { HttpFault } from './contract.ts';
import { ON_HTTP } from './on-http.ts';

const attributes = z.strictObject({
  at: choice(
    'Where the connection is reset: when the request has come, in place of the head of its answer, or within the body',
    ['request', 'headers', 'body'],
    'request',
  ),
  afterBytes: bytes('With `at: body`: how much of the body is let through first'),
});

export const httpAbort: HttpFault<z.output<typeof attributes>> = {
  ...ON_HTTP,
  type: 'http_abort',
  attributes,
  summary: 'Resets the connection of a request',
  undo: 'new requests are forwarded again; connections that were reset stay so',
  endsConnections: true,
  addedLatency: () => 0,
  explain: ({ at, afterBytes }) =>
    ({
      request: 'reset the connection of each request before it is forwarded',
      headers: 'forward each request and reset the connection in place of an answer',
      body: `reset the connection after ${formatSize(afterBytes)} of each answer's body`,
    })[at],
  create(context) {
    // What a renewal changes holds for requests to come: one that is under way keeps its place of abort.
    const { at, afterBytes } = context.attributes;
    const abort = () => {
      context.injected();
      return { do: 'abort', how: 'rst' } as const;
    };
    if (at === 'request') return { request: abort };
    if (at === 'headers') return { head: abort };
    return {
      chunk(chunk, offset) {
        if (offset + chunk.length < afterBytes) return { do: 'pass' };
        context.injected();
        return { do: 'cut', how: 'rst', before: chunk.subarray(0, afterBytes - offset) };
      },
      end() {
        context.skipped('body too short');
        return { do: 'pass' };
      },
    };
  },
};
