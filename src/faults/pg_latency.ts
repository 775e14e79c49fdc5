import { z } from 'zod';
import { milliseconds } from './attributes.ts';
import { delayOf, explainDelay } from './delay.ts';
import { ON_POSTGRES, type PostgresFault } from './on-postgres.ts';

const attributes = z.strictObject({
  latency: milliseconds('Delay of each statement'),
  jitter: milliseconds('Most by which the delay varies, up or down'),
});

/** Holds a statement before the server gets it. What a client sends behind it waits too, as behind a slow statement. */
export const pgLatency: PostgresFault<z.output<typeof attributes>> = {
  ...ON_POSTGRES,
  type: 'pg_latency',
  attributes,
  summary: 'Delays every Postgres statement',
  undo: 'delayed statements go on at once',
  endsConnections: false,
  addedLatency: ({ latency, jitter }) => latency + jitter,
  explain: (delay) => `delay each statement by ${explainDelay(delay)}`,
  judge: (context) => ({
    do: 'hold',
    ms: delayOf(context.attributes, context.attributes.jitter > 0 ? context.random() : 0.5),
  }),
};
