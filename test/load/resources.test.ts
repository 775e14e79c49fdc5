import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, expect, test } from 'vitest';
import { systemClock } from '../../src/core/clock.ts';
import { assessResources } from '../../src/load/resources/assess.ts';
import type { ResourceSample } from '../../src/load/resources/roles.ts';
import { sampleMetrics } from '../../src/load/resources/sample.ts';
import { summaryOf } from './support/traffic.ts';

/** A sample every five seconds, of which `values` gives each by its number. */
function samples(values: (index: number) => ResourceSample['values'], count = 8): readonly ResourceSample[] {
  return Array.from({ length: count }, (_, index) => ({ at: index * 5000, values: values(index) }));
}

function assess(values: (index: number) => ResourceSample['values'], rest: object = {}) {
  const { assessed, ...all } = assessResources({ summary: summaryOf(), samples: samples(values), ...rest });
  return { ...all, by: Object.fromEntries(assessed.map((one) => [one.resource, one])) };
}

describe('the resources of a target', () => {
  test('are not assessed where nothing tells of them', () => {
    const { by, bottleneck, cacheHitRate } = assess(() => ({}));
    expect(Object.values(by).map(({ state }) => state)).toEqual(Array(4).fill('not assessed'));
    expect([bottleneck, cacheHitRate]).toEqual([null, null]);
  });

  test('CPU: a core used at 90%, with what two would bring', () => {
    const { by, bottleneck } = assess((index) => ({ cpuSeconds: index * 4.5, oneThread: 1 }));
    expect(bottleneck).toBe('CPU');
    expect(by.CPU).toMatchObject({
      state: 'bottleneck',
      suggestion: { from: '1', to: '2', priority: 'high', effort: 'medium' },
    });
    // Waiting falls from 1 / (1 − 0.9) to 1 / (1 − 0.45).
    expect(by.CPU!.suggestion!.gain).toContain('about 18%');
  });

  test('CPU: is not assessed while nobody says how many cores there are, and fine on four', () => {
    const used = (index: number) => ({ cpuSeconds: index * 4.5 });
    expect(assess(used).by.CPU!.evidence).toBe('how many cores the target may use is not told');
    expect(assess(used, { cores: 4 }).by.CPU).toMatchObject({ state: 'fine' });
  });

  test('CPU: says whether latency follows it', () => {
    const busyLate = (index: number) => ({
      cpuSeconds: index < 4 ? index : 3 + (index - 3) * 4.5,
      oneThread: 1,
    });
    const follows = { summary: summaryOf({}, (window) => (window >= 15 ? 900 : 100)) };
    expect(assess(busyLate, follows).by.CPU!.evidence).toMatch(
      /p95 rises and falls with it \(r = 0\.9|1\.00\)/,
    );
    const not = { summary: summaryOf({}, (window) => (window % 2 === 0 ? 900 : 100)) };
    expect(assess(busyLate, not).by.CPU!.evidence).toContain('does not follow it');
  });

  test('CPU: a restart of the process is no negative use', () => {
    const restarted = (index: number) => ({ cpuSeconds: index < 4 ? 100 + index : index - 4, oneThread: 1 });
    expect(assess(restarted).by.CPU!.evidence).toContain('20% of one core');
  });

  test('memory: used up and growing', () => {
    const growing = (index: number) => ({ memoryBytes: (1 + index * 0.35) * 2 ** 30 });
    expect(assess(growing, { memoryBytes: 4.2 * 2 ** 30 }).by.memory).toMatchObject({
      state: 'near',
      evidence: expect.stringContaining('growing'),
    });
    expect(assess(growing, { memoryBytes: 3.7 * 2 ** 30 }).by.memory).toMatchObject({
      state: 'bottleneck',
      suggestion: { effort: 'high', from: '3.7 GiB' },
    });
  });

  test('memory: a restart under load is told', () => {
    const { by } = assess((index) => ({ memoryBytes: 2 ** 30, startedAt: index < 5 ? 1 : 2 }));
    expect(by.memory!.evidence).toContain('started 1 times anew');
  });

  test('database: callers that wait are a bottleneck, however many connections there are', () => {
    const { by, bottleneck } = assess(() => ({ databaseInUse: 20, databaseSize: 20, databaseWaiting: 15 }));
    expect(bottleneck).toBe('database connections');
    expect(by['database connections']!.suggestion).toMatchObject({ from: '20', to: '50', effort: 'low' });
  });

  test.each([
    [85, 'bottleneck'],
    [75, 'near'],
    [50, 'fine'],
  ])('database: %s of the usual hundred are %s', (databaseInUse, state) => {
    expect(assess(() => ({ databaseInUse })).by['database connections']!.state).toBe(state);
  });

  test('cache: few hits and evictions', () => {
    const { by, cacheHitRate } = assess((index) => ({
      cacheHits: 1000 + index * 50,
      cacheMisses: index * 50,
      cacheEvictions: index,
    }));
    expect(cacheHitRate).toBe(0.5);
    expect(by.cache).toMatchObject({
      state: 'bottleneck',
      evidence: '50% of the reads were hits, and 7 keys were evicted',
      suggestion: { what: 'memory of the cache', gain: 'reads that reach the database fall by 80%' },
    });
  });

  test('the most used up one is the bottleneck', () => {
    const values = (index: number) => ({
      cacheHits: index * 60,
      cacheMisses: index * 40,
      databaseInUse: 100,
      databaseWaiting: 200,
    });
    expect(assess(values).bottleneck).toBe('database connections');
  });
});

test('metrics are read by known names and by the users own, as sums over labels', async () => {
  const page = 'db_pool_in_use{pool="a"} 3\ndb_pool_in_use{pool="b"} 4\nmy_hits 9\ncache_hits_total 1\n';
  const server = createServer((_, response) => response.end(page)).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/metrics`;
  const sampling = sampleMetrics({ url, names: { cacheHits: 'my_hits' } }, 60_000, systemClock);
  const { samples: read, problem } = await sampling.stop();
  expect(read.map(({ values }) => values)).toEqual(Array(2).fill({ databaseInUse: 7, cacheHits: 9 }));
  expect(problem).toBeUndefined();
  server.close();
  const gone = await sampleMetrics({ url }, 60_000, systemClock).stop();
  expect(gone).toEqual({ samples: [], problem: 'the metrics page did not answer' });
});
