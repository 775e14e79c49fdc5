import { z } from 'zod';
import { ON_REDIS, type RedisFault } from './on-redis.ts';

const attributes = z.strictObject({});

/** Resets the connection in place of running a command, after all earlier commands on it are answered. */
export const redisKill: RedisFault<z.output<typeof attributes>> = {
  ...ON_REDIS,
  type: 'redis_kill',
  attributes,
  summary: 'Resets the connection on a command, which is not run',
  undo: 'no more connections are reset; those reset stay closed',
  endsConnections: true,
  addedLatency: () => 0,
  explain: () => 'reset the connection in place of running the command',
  judges: () => true,
  judge: () => ({ do: 'kill', how: 'rst' }),
};
