import type { Redis } from 'ioredis';
import { describe, expect, test } from 'vitest';
import type { Config } from '../../../src/sandbox/platform/config.ts';
import { CachedWorkspaces } from '../../../src/sandbox/platform/fragile/workspaces.ts';
import type { Database } from '../../../src/sandbox/platform/parts.ts';
import { DiscoveryCache, ServiceUnknown } from '../../../src/sandbox/platform/resilient/discovery-cache.ts';
import {
  SingleFlight,
  type SingleFlightOptions,
} from '../../../src/sandbox/platform/resilient/single-flight.ts';
import { SharedWorkspaces } from '../../../src/sandbox/platform/resilient/workspaces.ts';
import { meters } from '../resilient/support.ts';

describe('the cache without stampedes', () => {
  function cache(options: Partial<SingleFlightOptions> = {}) {
    const held = new Map<string, { text: string; seconds: number }>();
    const clock = { now: 0 };
    const told: string[] = [];
    const it = new SingleFlight({
      store: {
        get: async (key) => held.get(key)?.text ?? null,
        set: async (key, text, seconds) => held.set(key, { text, seconds }),
      },
      seconds: 10,
      staleFor: 5,
      jitter: 0,
      now: () => clock.now,
      onHit: (kind) => told.push(kind),
      onMiss: () => told.push('miss'),
      onLoad: () => told.push('load'),
      ...options,
    });
    return { it, held, clock, told };
  }

  test('asks once for all who miss at the same time', async () => {
    const { it, told } = cache();
    let loads = 0;
    const load = async () => {
      loads++;
      await new Promise((resolve) => setImmediate(resolve));
      return 'value';
    };
    const all = await Promise.all(Array.from({ length: 50 }, () => it.get('k', load)));
    expect(new Set(all)).toEqual(new Set(['value']));
    expect(loads).toBe(1);
    expect(told.filter((word) => word === 'miss')).toHaveLength(50);
  });

  test('serves the old value while one reload replaces it', async () => {
    const { it, clock, told } = cache();
    await it.get('k', async () => 'old');
    clock.now = 10_001;
    let finish = (_: string) => {};
    const load = () => new Promise<string>((resolve) => (finish = resolve));
    expect(await it.get('k', load)).toBe('old');
    expect(await it.get('k', load)).toBe('old');
    expect(told).toEqual(['miss', 'load', 'stale', 'load', 'stale']);
    finish('new');
    await new Promise((resolve) => setImmediate(resolve));
    expect(await it.get('k', load)).toBe('new');
  });

  test('goes on serving the old value when the reload fails, and tries again', async () => {
    const { it, clock } = cache();
    await it.get('k', async () => 'old');
    clock.now = 10_001;
    const failing = async () => {
      throw new Error('database down');
    };
    expect(await it.get('k', failing)).toBe('old');
    await new Promise((resolve) => setImmediate(resolve));
    expect(await it.get('k', async () => 'new')).toBe('old');
    await new Promise((resolve) => setImmediate(resolve));
    expect(await it.get('k', failing)).toBe('new');
  });

  test('spreads the end of values by a tenth either way', async () => {
    const lives = await Promise.all(
      [0, 0.5, 1].map(async (random) => {
        const { it, held } = cache({ jitter: 0.1, random: () => random });
        await it.get('k', async () => 'value');
        return (JSON.parse(held.get('k')!.text) as { freshUntil: number }).freshUntil;
      }),
    );
    expect(lives).toEqual([9000, 10_000, 11_000]);
  });

  test('keeps nothing of what does not exist', async () => {
    const { it, held } = cache();
    expect(await it.get('k', async () => undefined)).toBeUndefined();
    expect(held.size).toBe(0);
  });

  test('loads when its store fails', async () => {
    const broken = async () => {
      throw new Error('gone');
    };
    const { it } = cache({ store: { get: broken, set: broken } });
    expect(await it.get('k', async () => 'value')).toBe('value');
  });
});

describe('a workspace that many miss at once', () => {
  test.each([
    ['the fragile cache', CachedWorkspaces, { loads: 10, stampede: 9 }],
    ['the shared one', SharedWorkspaces, { loads: 1, stampede: 0 }],
  ])('is loaded by %s as the metrics tell', async (_, Workspaces, { loads, stampede }) => {
    const { metrics, value } = meters();
    const slowly = async <T>(answer: T) => {
      await new Promise((resolve) => setTimeout(resolve, 5));
      return answer;
    };
    const redis = { get: async () => null, set: async () => 'OK' } as unknown as Redis;
    const database = {
      read: (sql: string) => slowly(sql.includes('from workspaces') ? [{ id: 1 }] : []),
    } as unknown as Database;
    const workspaces = new Workspaces({ cacheSeconds: 5 } as Config, database, redis, metrics);
    await Promise.all(Array.from({ length: 10 }, () => workspaces.find(1)));
    expect(await value('cache_reloads_total')).toBe(loads);
    expect(await value('cache_stampede_reloads_total')).toBe(stampede);
    expect(await value('cache_misses_total')).toBe(10);
  });
});

describe('discovery with a cache', () => {
  test('gives the last known address when the registry fails, is silent or forgets', async () => {
    let lookUp = async (): Promise<string | null> => 'here';
    const it = new DiscoveryCache(() => lookUp(), 10);
    expect(await it.discover('orchestrator')).toEqual({ address: 'here', stale: false });
    const stale = { address: 'here', stale: true };
    lookUp = async () => {
      throw new Error('down');
    };
    expect(await it.discover('orchestrator')).toEqual(stale);
    lookUp = () => new Promise(() => {});
    expect(await it.discover('orchestrator')).toEqual(stale);
    lookUp = async () => null;
    expect(await it.discover('orchestrator')).toEqual(stale);
    expect(it.fallbacks).toBe(3);
  });

  test('spares the registry what it knows, and asks for the rest', async () => {
    const asked: string[] = [];
    const it = new DiscoveryCache(async (service) => `address ${asked.push(service)}`, 10);
    expect(await it.discover('a', true)).toEqual({ address: 'address 1', stale: false });
    expect(await it.discover('a', true)).toEqual({ address: 'address 1', stale: true });
    expect(asked).toEqual(['a']);
  });

  test('says so when it never knew', async () => {
    const it = new DiscoveryCache(async () => null, 10);
    await expect(it.discover('x')).rejects.toBeInstanceOf(ServiceUnknown);
  });
});
