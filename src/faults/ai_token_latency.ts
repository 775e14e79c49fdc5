import { z } from 'zod';
import { providerOf } from '../protocols/http/providers/index.ts';
import { streamsOnly } from './ai-answer.ts';
import { milliseconds } from './attributes.ts';
import type { HttpFault } from './contract.ts';
import { delayOf, explainDelay } from './delay.ts';
import { ON_AI } from './on-http.ts';

const attributes = z.strictObject({
  latency: milliseconds('Delay of each token'),
  jitter: milliseconds('Most by which each delay varies, up or down'),
});

/** Delays each event that carries a token, one after another: a stream of n tokens takes at least n times the delay. */
export const aiTokenLatency: HttpFault<z.output<typeof attributes>> = {
  ...ON_AI,
  type: 'ai_token_latency',
  attributes,
  summary: 'Delays every token of a stream',
  undo: 'held tokens go on at once, and those to come are not delayed',
  endsConnections: false,
  addedLatency: ({ latency, jitter }) => latency + jitter,
  explain: (delay) => `delay each token of a stream by ${explainDelay(delay)}`,
  create(context) {
    const provider = providerOf(context.request.protocol);
    return {
      head: streamsOnly(context),
      async event(event) {
        if (!provider.carriesToken(event)) return { do: 'pass' };
        const ms = delayOf(context.attributes, context.attributes.jitter > 0 ? context.random() : 0.5);
        if (ms > 0) {
          context.injected();
          await context.hold(ms);
        }
        return { do: 'pass' };
      },
      end() {
        context.skipped('no token delayed');
        return { do: 'pass' };
      },
    };
  },
};
