import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { randomOf } from '../../bench/simulation/random.ts';
import { canAlarm, designTest, Evidence, type SequentialOptions } from '../../src/core/sequential.ts';

/** A point of a hundred more than the baseline's rate is tolerated. */
const OPTIONS: SequentialOptions = {
  bad: 2,
  samples: 200,
  tolerated: (rate) => rate + 0.01,
  looks: 1,
  horizon: 400,
  falseAlarm: 0.001,
};

function valueAfter(samples: readonly boolean[], options: Partial<SequentialOptions> = {}): number {
  const evidence = new Evidence(designTest({ ...OPTIONS, ...options }));
  for (const bad of samples) evidence.add(bad);
  return evidence.value;
}

/** Samples until the alarm when every sample is bad. */
function untilAlarm(options: Partial<SequentialOptions>, healthy = 0): number {
  const design = designTest({ ...OPTIONS, ...options });
  const evidence = new Evidence(design);
  for (let sample = 0; sample < healthy; sample++) evidence.add(false);
  let samples = 1;
  while (evidence.add(true) < design.threshold) samples++;
  return samples;
}

/** Whole experiments: a baseline at the rate, and then a stream at what is tolerated of it. Answers each one's last value and highest. */
function underTheNull(runs: number, options: Partial<SequentialOptions>, rateAt: (at: number) => number) {
  const design = { ...OPTIONS, ...options };
  const random = randomOf(7);
  const made = new Map<number, ReturnType<typeof designTest>>();
  return Array.from({ length: runs }, () => {
    let bad = 0;
    for (let sample = 0; sample < design.samples; sample++) bad += random() < 0.05 ? 1 : 0;
    if (!made.has(bad)) made.set(bad, designTest({ ...design, bad }));
    const evidence = new Evidence(made.get(bad)!);
    let highest = 0;
    for (let at = 0; at < design.horizon; at++)
      highest = Math.max(highest, evidence.add(random() < rateAt(at)));
    return { last: evidence.value, highest };
  });
}

describe('while nothing is worse than tolerated', () => {
  const falseAlarm = 0.02;
  const runs = 1000;
  const tolerated = OPTIONS.tolerated(0.05);
  const kinds: [string, (at: number) => number][] = [
    ['stands at what is tolerated', () => tolerated],
    ['moves below it', (at) => tolerated * (0.5 + 0.5 * Math.sin(at / 20))],
    ['is as before', () => 0.05],
  ];

  test.each(kinds)('evidence is at most 1 in expectation, at a rate that %s', (_, rateAt) => {
    const last = underTheNull(runs, { falseAlarm }, rateAt).map((one) => one.last);
    const mean = last.reduce((sum, value) => sum + value, 0) / runs;
    expect(mean).toBeLessThanOrEqual(1);
  });

  test.each(kinds)('it ever reaches 1/α with a chance of at most α, at a rate that %s', (_, rateAt) => {
    const highest = underTheNull(runs, { falseAlarm }, rateAt).map((one) => one.highest);
    for (const alpha of [0.2, 0.1, 0.02]) {
      expect(highest.filter((value) => value >= 1 / alpha).length / runs).toBeLessThanOrEqual(alpha);
    }
  });
});

describe('evidence', () => {
  const samples = fc.array(fc.boolean(), { minLength: 1, maxLength: 120 });

  test('never falls when a good sample is made bad', () => {
    fc.assert(
      fc.property(samples, fc.nat(), (given, index) => {
        const worse = given.with(index % given.length, true);
        expect(valueAfter(worse)).toBeGreaterThanOrEqual(valueAfter(given) * (1 - 1e-12));
      }),
      { numRuns: 50 },
    );
  });

  test('does not depend on when it is looked at', () => {
    fc.assert(
      fc.property(samples, (given) => {
        const looked = new Evidence(designTest(OPTIONS));
        const seen = given.map((bad) => looked.add(bad));
        for (const at of [0, Math.floor(given.length / 2), given.length - 1]) {
          expect(seen[at]).toBe(valueAfter(given.slice(0, at + 1)));
        }
      }),
      { numRuns: 30 },
    );
  });

  test('grows no faster the shorter the baseline is', () => {
    const delays = [1000, 200, 50, 25].map((count) => untilAlarm({ bad: 0, samples: count }));
    expect(delays).toEqual([...delays].sort((left, right) => left - right));
    expect(delays[0]).toBeLessThan(delays.at(-1)!);
  });

  test('of an outage late in a run comes hardly later than at its begin', () => {
    expect(untilAlarm({}, 300)).toBeLessThanOrEqual(untilAlarm({}) + 4);
  });

  test('of samples that depend on each other counts as that of as many fewer', () => {
    const alone = untilAlarm({ looks: 1 });
    const inFours = untilAlarm({ looks: 4, samples: 800, bad: 8 });
    expect(inFours / alone).toBeGreaterThan(3.5);
    expect(inFours / alone).toBeLessThan(5.5);
  });

  test('stays a number through an outage without end, and falls again', () => {
    const evidence = new Evidence(designTest(OPTIONS));
    for (let sample = 0; sample < 5000; sample++) evidence.add(true);
    const highest = evidence.value;
    for (let sample = 0; sample < 5000; sample++) evidence.add(false);
    expect(Number.isFinite(highest)).toBe(true);
    expect(evidence.value).toBeLessThan(1);
  });
});

describe('a baseline', () => {
  test('without a bad sample does not make an alarm of the first two', () => {
    expect(untilAlarm({ bad: 0, samples: 10_000 })).toBeGreaterThan(2);
  });

  test.each([
    ['of a few samples cannot carry an alarm', { bad: 0, samples: 3 }, false],
    ['of two hundred can', { bad: 0, samples: 200 }, true],
    ['with nothing but bad samples leaves nothing to be worse', { bad: 200, samples: 200 }, false],
  ])('%s', (_, options, can) => {
    expect(canAlarm(designTest({ ...OPTIONS, ...options }), 20)).toBe(can);
  });
});
