import type { RedisOptions } from 'ioredis';
import type { PoolConfig } from 'pg';
import type { CallWatch } from '../ai/client.ts';
import { TimedOut } from '../ai/failure.ts';
import type { Config } from '../config.ts';

/** Times in ms; the long ones are already divided by the time scale. */
export interface TimeLimits {
  /** Of one AI call: until its first and between two later parts of the answer, and as a whole. */
  readonly ai: { readonly idle: number; readonly whole: number };
  /** Of an answer with all its attempts. */
  readonly patience: number;
  readonly database: PoolConfig;
  readonly redis: RedisOptions;
}

/** An AI call gets 15 s to its next part, an answer 20 s in all, a connection of the pool 30 s, a statement 10 s, Redis 300 ms. */
export function timeLimits({ timeScale }: Config): TimeLimits {
  const scaled = (ms: number, least = 500) => Math.max(least, Math.round(ms / timeScale));
  return {
    ai: { idle: scaled(15_000), whole: scaled(20_000) },
    patience: scaled(20_000),
    database: {
      connectionTimeoutMillis: scaled(30_000, 5000),
      query_timeout: scaled(10_000, 5000),
      statement_timeout: scaled(10_000, 5000),
    },
    redis: { commandTimeout: 300, connectTimeout: 5000, maxRetriesPerRequest: 1 },
  };
}

/** Aborts a call whose answer stalls, or that lasts too long, with a `TimedOut` as reason. */
export function callWatch(limits: TimeLimits['ai']): (outer?: AbortSignal) => CallWatch {
  return (outer) => {
    const own = new AbortController();
    const late = (ms: number, what: string) =>
      setTimeout(() => own.abort(new TimedOut(`AI call: ${what} within ${ms} ms`)), ms);
    const whole = late(limits.whole, 'no whole answer');
    const idle = late(limits.idle, 'nothing more of the answer');
    return {
      signal: outer ? AbortSignal.any([own.signal, outer]) : own.signal,
      alive: () => idle.refresh(),
      end() {
        clearTimeout(whole);
        clearTimeout(idle);
      },
    };
  };
}
