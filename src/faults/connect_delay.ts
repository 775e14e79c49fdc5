import { z } from 'zod';
import { ON_ANY_CONNECTION } from './any-connection.ts';
import { milliseconds } from './attributes.ts';
import type { ListenerFault } from './contract.ts';
import { delayOf, explainDelay } from './delay.ts';

const attributes = z.strictObject({
  latency: milliseconds('Delay of each new connection'),
  jitter: milliseconds('Most by which the delay varies, up or down'),
});

/** The client is connected at once, as a kernel does it; the upstream is dialled, and the first byte read, only later. */
export const connectDelay: ListenerFault<z.output<typeof attributes>> = {
  ...ON_ANY_CONNECTION,
  type: 'connect_delay',
  layer: 'listener',
  attributes,
  summary: 'Delays new connections and leaves live ones alone',
  undo: 'delayed connections are dialled at once',
  endsConnections: false,
  addedLatency: ({ latency, jitter }) => latency + jitter,
  explain: (delay) => `accept each new connection, and dial the upstream ${explainDelay(delay)} later`,
  create(context) {
    const waiting = new Set<() => void>();
    return {
      admit() {
        const ms = delayOf(context.attributes, context.attributes.jitter > 0 ? context.random() : 0.5);
        if (ms <= 0) return { do: 'pass' };
        return {
          do: 'hold',
          until(go) {
            const done = () => {
              cancel();
              waiting.delete(done);
              go();
            };
            const cancel = context.clock.after(ms, done);
            waiting.add(done);
          },
        };
      },
      release() {
        for (const done of [...waiting]) done();
      },
    };
  },
};
