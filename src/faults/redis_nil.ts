import { z } from 'zod';
import { missingItems, missOf } from '../protocols/redis/misses.ts';
import { ON_REDIS, type RedisFault } from './on-redis.ts';

const attributes = z.strictObject({});

/** Makes every read miss, as an emptied cache does; writes are left alone. MGET misses item by item, by its `key` globs. */
export const redisNil: RedisFault<z.output<typeof attributes>> = {
  ...ON_REDIS,
  type: 'redis_nil',
  attributes,
  summary: 'Answers reads as if nothing were stored',
  undo: 'reads find what is stored again',
  endsConnections: false,
  addedLatency: () => 0,
  explain: () => 'answer each read as if nothing were stored',
  judges: ({ given }) => given.command.does === 'read',
  judge({ unit: { given, version }, matches }) {
    const items = missingItems(given, version, (key) => matches('key', key));
    if (items) return { do: 'reply', with: { items } };
    const value = missOf(given, version);
    return value ? { do: 'reply', with: { value } } : { do: 'forward', reason: 'no miss' };
  },
};
