import { describe, expect, test } from 'vitest';
import { EVERY_MS, FALSE_ABORT, simulate } from '../../bench/simulation/run.ts';
import { HEALTHY, worsening } from '../../bench/simulation/traffic.ts';
import { healthyRuns } from '../../bench/workloads/false-aborts.ts';
import { rateAtLeast } from '../../src/core/binomial.ts';

const RUNS = 100;

/** A sample of what `npm run bench -- --only false-aborts` plays ten thousand times. */
describe('runs in which nothing is wrong', () => {
  const all = HEALTHY.map((kind) => ({ kind, outcomes: healthyRuns(kind, RUNS) }));
  const aborted = (rule: 'sequential' | 'failures' | 'slow') =>
    all.flatMap(({ outcomes }) => outcomes).filter((outcome) => outcome[rule] !== undefined).length;
  const runs = RUNS * HEALTHY.length;

  test('are aborted no more often than the bound allows', () => {
    expect(rateAtLeast(aborted('sequential'), runs, 0.01)).toBeLessThanOrEqual(FALSE_ABORT);
  });

  test('would be aborted far more often by three in a row', () => {
    expect(rateAtLeast(aborted('failures'), runs, 0.01)).toBeGreaterThan(FALSE_ABORT);
    expect(rateAtLeast(aborted('slow'), runs, 0.01)).toBeGreaterThan(FALSE_ABORT);
  });

  test.each(HEALTHY)('have a baseline that is long enough: $name', ({ name }) => {
    const { outcomes } = all.find(({ kind }) => kind.name === name)!;
    expect(outcomes.every(({ judged }) => judged === 1)).toBe(true);
  });
});

describe('a run that becomes worse after a minute of health', () => {
  const delays = (worse: Parameters<typeof worsening>[2], baseline: number) =>
    Array.from({ length: 20 }, (_, run) => {
      const { sequential = Number.POSITIVE_INFINITY } = simulate({
        traffics: [worsening(run + 1, baseline + 120, worse)],
        baseline,
        length: 1320,
      });
      return ((sequential - 120) * EVERY_MS) / 1000;
    });

  test.each([
    ['an outage, within seconds', { failing: 0.01, failures: 100 }, 240, 10],
    ['latencies three times as long', { failing: 0.01, latency: 3 }, 240, 30],
    ['a fifth of the samples failing', { failing: 0.01, failures: 20 }, 1200, 120],
    ['latencies half as long again, after a long baseline', { failing: 0.01, latency: 1.5 }, 1200, 600],
  ])('is aborted: %s', (_, worse, baseline, within) => {
    const found = delays(worse, baseline);
    expect(Math.min(...found)).toBeGreaterThan(0);
    expect(Math.max(...found)).toBeLessThan(within);
  });
});
