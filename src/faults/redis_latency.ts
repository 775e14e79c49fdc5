import { z } from 'zod';
import { milliseconds } from './attributes.ts';
import { delayOf, explainDelay } from './delay.ts';
import { ON_REDIS, type RedisFault } from './on-redis.ts';

const attributes = z.strictObject({
  latency: milliseconds('Delay of each command'),
  jitter: milliseconds('Most by which the delay varies, up or down'),
});

/** Holds commands before they are sent. Those of a pipeline wait at the same time, and keep their order. */
export const redisLatency: RedisFault<z.output<typeof attributes>> = {
  ...ON_REDIS,
  type: 'redis_latency',
  attributes,
  summary: 'Delays commands',
  undo: 'delayed commands go on at once',
  endsConnections: false,
  addedLatency: ({ latency, jitter }) => latency + jitter,
  explain: (delay) => `delay each command by ${explainDelay(delay)}`,
  judges: () => true,
  judge: ({ attributes: delay, random }) => ({
    do: 'hold',
    ms: delayOf(delay, delay.jitter > 0 ? random() : 0.5),
  }),
};
