import type { Attributes } from '../core/fault.ts';
import type { RedisReply, RedisUnit } from '../protocols/redis/unit.ts';
import type { MessageFault } from './contract.ts';

/** A fault that is judged on Redis commands. */
export type RedisFault<A extends Attributes> = MessageFault<A, RedisUnit, RedisReply>;

/** What faults share that are judged on Redis commands. */
export const ON_REDIS = {
  layer: 'message',
  units: 'commands',
  protocols: ['redis'],
  streams: ['downstream'],
  manual: true,
  matchKeys: ['client', 'command', 'key'],
} as const;
