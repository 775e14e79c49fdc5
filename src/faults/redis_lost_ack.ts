import { z } from 'zod';
import { formatCount } from '../core/units.ts';
import { ON_REDIS, type RedisFault } from './on-redis.ts';

const attributes = z.strictObject({});

/** Runs a command and never says so: its answer is dropped and the connection reset, as when a network fails in between. */
export const redisLostAck: RedisFault<z.output<typeof attributes>> = {
  ...ON_REDIS,
  type: 'redis_lost_ack',
  attributes,
  summary: 'Runs a command, drops its answer and resets the connection',
  undo: 'no more answers are dropped; connections reset stay closed, and what their commands did stays done',
  endsConnections: true,
  lasting: (_, times, by) =>
    `${formatCount(times, 'command')} happened whose answers were never delivered, by ${by}`,
  addedLatency: () => 0,
  explain: () => 'run the command, then drop its answer and reset the connection',
  judges: () => true,
  judge: () => ({ do: 'lose', how: 'rst' }),
};
