import { z } from 'zod';
import { milliseconds } from './attributes.ts';
import type { HttpFault } from './contract.ts';
import { delayOf, explainDelay } from './delay.ts';
import { ON_HTTP } from './on-http.ts';

const attributes = z.strictObject({
  latency: milliseconds('Delay of each request'),
  jitter: milliseconds('Most by which the delay varies, up or down'),
});

/** Holds a request before anything of it is sent upstream, so that a client that gives up costs the upstream nothing. */
export const httpLatency: HttpFault<z.output<typeof attributes>> = {
  ...ON_HTTP,
  type: 'http_latency',
  attributes,
  summary: 'Delays every request',
  undo: 'delayed requests go on at once',
  endsConnections: false,
  addedLatency: ({ latency, jitter }) => latency + jitter,
  explain: (delay) => `delay each request by ${explainDelay(delay)}`,
  create: (context) => ({
    async request() {
      const ms = delayOf(context.attributes, context.attributes.jitter > 0 ? context.random() : 0.5);
      if (ms > 0) {
        context.injected();
        await context.hold(ms);
      } else context.skipped('no delay');
      return { do: 'forward' };
    },
  }),
};
