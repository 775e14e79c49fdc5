import { describe, expect, test } from 'vitest';
import type { AbortRule } from '../../src/core/limits.ts';
import { createWatch } from '../../src/safety/watch.ts';
import { FakeClock } from '../support/fake-clock.ts';
import { probeSpec, type Scripted, scriptedProbe } from '../support/scripted-probe.ts';

const TRIPLED: AbortRule = {
  probe: '*',
  measure: 'p95',
  operator: '>',
  bound: 3,
  relative: true,
  forMs: 0,
  text: 'p95 > 3x of baseline',
  source: 'experiment',
};

async function baselineOf(
  expectations: Record<string, string | number>,
  answer: Scripted | ((number: number) => Scripted),
  ms = 10_000,
  rules: readonly AbortRule[] = [],
) {
  const clock = new FakeClock();
  const spec = probeSpec('read', expectations);
  const probe = scriptedProbe('read', clock);
  probe.answer(answer);
  const watch = createWatch({ specs: [spec], probes: [probe], rules, clock });
  watch.start();
  await clock.advanceAsync(ms);
  return { baseline: watch.takeBaseline(0), watch, clock, probe };
}

describe('a baseline', () => {
  test('is healthy when all its samples together meet every expectation', async () => {
    const { baseline } = await baselineOf(
      { status: 200, errorRate: '< 1%', p95: '< 300ms' },
      { status: 200 },
    );
    expect(baseline).toMatchObject({ healthy: true, windows: [{ probe: 'read', samples: 40 }] });
    expect(baseline.reason).toBeUndefined();
  });

  test('holds all samples since its start and none before', async () => {
    const { watch } = await baselineOf({}, {});
    expect(watch.takeBaseline(5000).windows[0]!.samples).toBe(20);
  });

  test.each([
    [
      'an unhealthy rate',
      { status: 200, errorRate: '< 1%' },
      (number: number) => ({ status: number % 4 === 0 ? 503 : 200 }),
      'Probe "read" is unhealthy before any fault: errorRate was 25% where errorRate < 1% is expected, over 40 samples (last failure: status was 503, expected status == 200).',
    ],
    [
      'a slow one',
      { p95: '< 300ms' },
      { ms: 412 },
      'Probe "read" is unhealthy before any fault: p95 was 412 ms where p95 < 300ms is expected, over 39 samples.',
    ],
    [
      'a broken invariant',
      { value: '== 0' },
      (number: number) => ({ value: number === 7 ? 3 : 0 }),
      'Probe "read" is unhealthy before any fault: value was 3 where value == 0 is expected, over 40 samples (last failure: value was 3, expected value == 0).',
    ],
    [
      'a service that cannot be reached',
      { value: '== 0' },
      { ok: false, reason: 'connection refused' },
      'Probe "read" is unhealthy before any fault: errorRate was 100% where errorRate == 0% is expected, over 40 samples (last failure: connection refused).',
    ],
    [
      'a value that never came, for a comparison',
      { vsBaseline: 'value < 3x' },
      {},
      'Probe "read" never gave a value, which "value < 3x of baseline" needs.',
    ],
  ])('is not healthy with %s, and says the figures', async (_, expectations, answer, reason) => {
    const { baseline } = await baselineOf(expectations, answer);
    expect(baseline).toMatchObject({ healthy: false, reason });
  });

  test('is too short with fewer than 20 samples for a rate or a percentile', async () => {
    const { baseline } = await baselineOf({ p95: '< 300ms' }, {}, 3000);
    expect(baseline.healthy).toBe(false);
    expect(baseline.reason).toBe(
      'Probe "read" has 12 samples: "p95 < 300ms" needs 20, so measure a longer baseline or set a shorter "every".',
    );
  });

  test('is long enough with one sample for an invariant', async () => {
    const { baseline } = await baselineOf({ value: '== 0' }, { value: 0 }, 200);
    expect(baseline.healthy).toBe(true);
  });

  test('is too short when a rule against the baseline would have no figure to compare with', async () => {
    const { baseline } = await baselineOf({ value: '== 0' }, { value: 0 }, 3000, [TRIPLED]);
    expect(baseline.reason).toContain('"p95 > 3x of baseline" needs 20');
  });

  test('without any sample says so', async () => {
    const { baseline } = await baselineOf({}, {}, 0);
    expect(baseline.reason).toBe('Probe "read" has no sample: the baseline is too short.');
  });

  test('keeps the median of its values, so that one odd reading is not what later ones are held against', async () => {
    const { baseline } = await baselineOf({ vsBaseline: 'value < 3x' }, (n) => ({
      value: n === 39 ? 900 : 10,
    }));
    expect(baseline.windows[0]!.measures.value).toBe(10);
  });
});

describe('against the baseline', () => {
  test.each([
    ['twice 100 ms is missed at 201 ms', 100, 201, ['p95 < 2x of baseline']],
    ['twice 100 ms is met at 199 ms', 100, 199, []],
    ['twice 1 ms is met at 19 ms, as a baseline counts as 10 ms at least', 1, 19, []],
    ['twice 1 ms is missed at 21 ms', 1, 21, ['p95 < 2x of baseline']],
  ])('%s', async (_, before, after, missed) => {
    const { watch, clock, probe } = await baselineOf({ vsBaseline: 'p95 < 2x' }, { ms: before });
    expect(watch.window('read').missed).toEqual([]);
    probe.answer({ ms: after });
    await clock.advanceAsync(15_000);
    expect(watch.window('read').missed.map(({ text }) => text)).toEqual(missed);
  });

  test('a value of 0 counts as 1', async () => {
    const { watch, clock, probe } = await baselineOf({ vsBaseline: 'value <= 3x' }, { value: 0 });
    probe.answer({ value: 3 });
    await clock.advanceAsync(1000);
    expect(watch.window('read').missed).toEqual([]);
    probe.answer({ value: 4 });
    await clock.advanceAsync(1000);
    expect(watch.window('read').missed.map(({ text }) => text)).toEqual(['value <= 3x of baseline']);
  });

  test('an error rate of 0 counts as 1%', async () => {
    const { watch, clock, probe } = await baselineOf(
      { errorRate: '< 50%', vsBaseline: 'errorRate < 5x' },
      {},
    );
    probe.answer((number) => ({ ok: number % 10 !== 0 }));
    await clock.advanceAsync(10_000);
    expect(watch.window('read').missed.map(({ text }) => text)).toEqual(['errorRate < 5x of baseline']);
  });
});
