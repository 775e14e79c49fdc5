import type { Clock } from '../../core/clock.ts';
import { adminTarget } from '../admin/index.ts';
import { createLeasedDriver, type LeasedDriver } from '../leased/index.ts';
import { clientKill } from './kill.ts';
import { clientPause } from './pause.ts';
import { redisServer } from './server.ts';

const KIND = 'redis-admin';

export const REDIS_ADMIN_FAULTS = [clientKill, clientPause] as const;

export interface RedisAdminOptions {
  /** As an experiment names it. */
  readonly name: string;
  /** `redis://` or `rediss://`, with its variables expanded. */
  readonly url: string;
  readonly clock?: Clock;
}

/** A Redis server, straight: what no proxy can do. Nothing is sent before the first call. */
export function connectRedisAdmin({ name, url, clock }: RedisAdminOptions): LeasedDriver {
  const given = clock ? { clock } : {};
  const target = adminTarget({
    kind: KIND,
    name,
    server: redisServer(url),
    faults: REDIS_ADMIN_FAULTS,
    ...given,
  });
  return createLeasedDriver(target, { name, ...given });
}
