import { describe, expect, test } from 'vitest';
import { normal, randomOf } from '../../bench/simulation/random.ts';
import type { Sample } from '../../src/core/ports.ts';
import type { MonitorEvent } from '../../src/safety/contract.ts';
import { looksOf } from '../../src/safety/degradation/dependence.ts';
import { testsFor } from '../../src/safety/degradation/tests.ts';
import { degradationJudges } from '../../src/safety/judges/degradation.ts';
import { DEFAULT_LIMITS } from '../../src/safety/limits/defaults.ts';
import { createMonitor } from '../../src/safety/monitor.ts';
import { createWatch } from '../../src/safety/watch.ts';
import { FakeClock } from '../support/fake-clock.ts';
import { probeSpec, scriptedProbe } from '../support/scripted-probe.ts';

const { tolerate } = DEFAULT_LIMITS.monitor;
const READ = probeSpec('read', {}, { everyMs: 500 });

/** Latencies around 100 ms, the same ones in each test. */
function latencies(factor = 1): () => { ms: number } {
  const random = randomOf(3);
  return () => ({ ms: 100 * Math.exp(0.2 * normal(random)) * factor });
}

/** A monitor with the default limits and no rule, after a healthy baseline. */
async function monitoring({ baselineMs = 120_000, falseAbort = 0.001 } = {}) {
  const clock = new FakeClock();
  const probe = scriptedProbe('read', clock);
  probe.answer(latencies());
  const watch = createWatch({ specs: [READ], probes: [probe], clock });
  watch.start();
  await clock.advanceAsync(baselineMs);
  const limits = { ...DEFAULT_LIMITS.monitor, falseAbort };
  const baseline = watch.takeBaseline(0);
  const judges = degradationJudges({ specs: [READ], baseline, limits, tolerate, durationMs: 300_000 });
  const monitor = createMonitor({
    watch,
    specs: [READ],
    rules: [],
    judges,
    baseline,
    limits,
    renew: async () => {},
    clock,
  });
  const events: MonitorEvent[] = [];
  monitor.onEvent((event) => events.push(event));
  const began = clock.now();
  monitor.start();
  const of = <K extends MonitorEvent['kind']>(kind: K) =>
    events.filter((event): event is Extract<MonitorEvent, { kind: K }> => event.kind === kind);
  return { clock, probe, events, of, elapsed: () => clock.now() - began };
}

describe('a probe that is worse than its baseline', () => {
  test('ends the run within seconds when all its samples fail, and says on what evidence', async () => {
    const { clock, probe, of } = await monitoring();
    await clock.advanceAsync(60_000);
    probe.answer({ ms: 5, ok: false });
    await clock.advanceAsync(8000);
    expect(of('breach')).toHaveLength(1);
    expect(of('breach')[0]).toMatchObject({ probe: 'read', baseline: 0, rule: { measure: 'errorRate' } });
    expect(of('breach')[0]!.text).toMatch(
      /^read is worse than its baseline: \d+ of the last 20 samples failed, as did 0 of the baseline's 240; the sequential test of errorRate tolerates 1% \(evidence \d+ reached 3000 after \d+ samples\)\.$/,
    );
  });

  test('ends it when latencies are half as long again', async () => {
    const { clock, probe, of } = await monitoring();
    probe.answer(latencies(1.5));
    await clock.advanceAsync(120_000);
    expect(of('breach')[0]!.text).toMatch(
      /^read is worse than its baseline: \d+ of the last 20 samples took longer than 1\d\d ms, where \d+ of the baseline's 240 took longer than its p(50|95);/,
    );
  });

  test('leaves a trail: what it is judged by, and evidence as it grows by powers of ten', async () => {
    const { clock, probe, events, of } = await monitoring();
    probe.answer({ ok: false });
    await clock.advanceAsync(8000);
    expect(of('judging')).toHaveLength(1);
    expect(of('judging')[0]!.tests.map(({ measure }) => measure)).toEqual(['errorRate', 'p50', 'p95']);
    expect(of('judging')[0]!.tests[0]).toMatchObject({ bad: 0, samples: 240, looks: 1, tolerated: 0.01 });
    const figures = of('evidence').filter(({ measure }) => measure === 'errorRate');
    expect(figures.length).toBeGreaterThan(1);
    expect(figures.map(({ evidence }) => evidence)).toEqual(
      figures.map(({ evidence }) => evidence).sort((left, right) => left - right),
    );
    expect(events.at(-1)!.kind).toBe('breach');
  });

  test('is left to the limits where falseAbort is off', async () => {
    const { clock, probe, events } = await monitoring({ falseAbort: 0 });
    probe.answer({ ok: false });
    await clock.advanceAsync(60_000);
    expect(events.map(({ kind }) => kind)).toEqual(['left-baseline']);
  });
});

describe('a run goes on', () => {
  test.each([
    ['while nothing changes', latencies()],
    ['when latencies drift by a quarter', latencies(1.25)],
    ['when one sample in two hundred fails', (at: number) => ({ ...latencies()(), ok: at % 200 !== 0 })],
  ])('%s', async (_, answer) => {
    const { clock, probe, of } = await monitoring();
    probe.answer(answer);
    await clock.advanceAsync(300_000);
    expect(of('breach')).toEqual([]);
  });

  test('through a pause of a second', async () => {
    const { clock, probe, of } = await monitoring();
    await clock.advanceAsync(30_000);
    probe.answer({ ok: false });
    await clock.advanceAsync(1000);
    probe.answer(latencies());
    await clock.advanceAsync(60_000);
    expect(of('breach')).toEqual([]);
  });
});

describe('a baseline that is too short', () => {
  test('judges nothing and says what it would need', async () => {
    const { clock, probe, of } = await monitoring({ baselineMs: 2500 });
    probe.answer({ ok: false });
    await clock.advanceAsync(60_000);
    expect(of('breach')).toEqual([]);
    const [{ tests }] = of('judging') as [Extract<MonitorEvent, { kind: 'judging' }>];
    expect(tests.map(({ samples }) => samples)).toEqual([5, 5, 5]);
    for (const { needs } of tests) expect(needs).toBeGreaterThan(5);
  });

  test('would do with what it says it needs', () => {
    const options = { falseAlarm: 0.0003, tolerate, everyMs: 500, durationMs: 300_000 };
    const of = (count: number) =>
      testsFor(
        Array.from({ length: count }, () => ({ ok: true, ms: 100 })),
        options,
      )[0]!;
    expect(of(5).judged).toBe(false);
    expect(of(of(5).needs()!).judged).toBe(true);
  });
});

describe('the baseline of a probe', () => {
  const options = { falseAlarm: 0.0003, tolerate, everyMs: 500, durationMs: 300_000 };
  const samples = (count: number, of: (index: number) => Partial<Sample>) =>
    Array.from({ length: count }, (_, index) => ({ ok: true, ms: 100, ...of(index) }));

  test('makes a sample slow that is beyond a percentile by the tolerated factor, and by 20 ms', () => {
    const [, p50, p95] = testsFor(
      samples(200, (index) => ({ ms: index + 1 })),
      options,
    );
    expect([p50!.facts.slowerThanMs, p95!.facts.slowerThanMs]).toEqual([125, 237.5]);
    expect([p50!.facts.bad, p95!.facts.bad]).toEqual([100, 10]);
    expect([p95!.isBad({ ok: true, ms: 237 }), p95!.isBad({ ok: true, ms: 238 })]).toEqual([false, true]);
    const [, fast] = testsFor(
      samples(200, () => ({ ms: 2 })),
      options,
    );
    expect(fast!.facts.slowerThanMs).toBe(22);
  });

  test('tolerates a point of failures more, or a quarter more where that is more', () => {
    const tolerated = (every: number) =>
      testsFor(
        samples(200, (index) => ({ ok: index % every !== 0 })),
        options,
      )[0]!.facts.tolerated;
    expect(tolerated(100)).toBeCloseTo(0.02);
    expect(tolerated(5)).toBeCloseTo(0.25);
  });

  test('counts samples within half a second as one look', () => {
    const apart = Array.from({ length: 200 }, (_, index) => (index * 7919) % 199);
    expect([1000, 500, 250, 50].map((everyMs) => looksOf(apart, everyMs))).toEqual([1, 1, 2, 10]);
  });

  test('counts latencies that go up and down together as fewer looks', () => {
    const random = randomOf(5);
    let level = 0;
    const together = Array.from({ length: 500 }, () => {
      level = 0.8 * level + 0.6 * normal(random);
      return level;
    });
    expect(looksOf(together, 1000)).toBeGreaterThanOrEqual(6);
    expect(looksOf(together, 1000)).toBeLessThanOrEqual(12);
    expect(looksOf(new Array(100).fill(10), 1000)).toBe(1);
  });
});
