import { z } from 'zod';
import { providerOf } from '../protocols/http/providers/index.ts';
import { milliseconds } from './attributes.ts';
import type { HttpFault } from './contract.ts';
import { delayOf, explainDelay } from './delay.ts';
import { ON_AI } from './on-http.ts';

const attributes = z.strictObject({
  latency: milliseconds('Delay of the first token'),
  jitter: milliseconds('Most by which the delay varies, up or down'),
});

/**
 * Keeps the whole response back, head and preamble, until its first token has come and the delay after it is over; so the
 * time to the first token grows by the delay, however the provider spreads its preamble. An answer that is not a stream
 * has its first token with its first byte.
 */
export const aiTtft: HttpFault<z.output<typeof attributes>> = {
  ...ON_AI,
  type: 'ai_ttft',
  attributes,
  summary: 'Delays the first token, and all of the response before it',
  undo: 'responses held back go on at once',
  endsConnections: false,
  addedLatency: ({ latency, jitter }) => latency + jitter,
  explain: (delay) => `hold each response back until its first token, and for ${explainDelay(delay)} more`,
  create(context) {
    const provider = providerOf(context.request.protocol);
    let done = false;

    const firstToken = async () => {
      done = true;
      const ms = delayOf(context.attributes, context.attributes.jitter > 0 ? context.random() : 0.5);
      if (ms > 0) {
        context.injected();
        await context.hold(ms);
      } else context.skipped('no delay');
      return { do: 'pass' } as const;
    };

    return {
      head({ status }) {
        if (status < 300) return { do: 'keep' };
        done = true;
        context.skipped('no token');
        return { do: 'forward' };
      },
      event(event) {
        if (done) return { do: 'pass' };
        return provider.carriesToken(event) ? firstToken() : { do: 'keep' };
      },
      chunk: () => (done ? { do: 'pass' } : firstToken()),
      end() {
        context.skipped('no token');
        return { do: 'pass' };
      },
    };
  },
};
