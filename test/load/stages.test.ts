import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { arrivalsOf, levelAt, peakOf, stageAt } from '../../src/load/stages.ts';
import { stage } from './support/traffic.ts';

const S = 1000;

function arrivalsUntil(ms: number, ...stages: Parameters<typeof arrivalsOf>[0]): number[] {
  const seen: number[] = [];
  for (const at of arrivalsOf(stages)) {
    if (at >= ms) break;
    seen.push(at);
  }
  return seen;
}

describe('stages', () => {
  const stages = [
    stage({ counts: 'users', durationMs: 10 * S }, 0, 100),
    stage({ counts: 'users', durationMs: 20 * S }, 100),
    stage({ counts: 'users', durationMs: 10 * S }, 100, 20),
  ];

  test.each([
    ['at the beginning', 0, 0, 0],
    ['half-way up', 5 * S, 0, 50],
    ['where the next begins', 10 * S, 1, 100],
    ['half-way down', 35 * S, 2, 60],
    ['after the end, as the last one ended', 99 * S, 2, 20],
  ])('have a level %s', (_, at, index, level) => {
    expect(stageAt(stages, at)).toBe(index);
    expect(levelAt(stages, at)).toBeCloseTo(level);
  });

  test('know their peak', () => expect(peakOf(stages)).toBe(100));
});

describe('arrivals', () => {
  test('are evenly spaced at a steady rate, and go on after the end', () => {
    expect(arrivalsUntil(2 * S, stage({ counts: 'rate', durationMs: S }, 4))).toEqual([
      125, 375, 625, 875, 1125, 1375, 1625, 1875,
    ]);
  });

  test('come faster while the rate rises: a quarter of them in the first half', () => {
    const seen = arrivalsUntil(10 * S, stage({ counts: 'rate' }, 0, 80));
    expect(seen).toHaveLength(400);
    expect(seen.filter((at) => at < 5 * S)).toHaveLength(100);
  });

  test('end where the rate falls to nothing', () => {
    expect(arrivalsUntil(99 * S, stage({ counts: 'rate' }, 10, 0))).toHaveLength(50);
  });

  test('are as many as the rate adds up to, in order, whatever the stages', () => {
    const level = fc.double({ min: 0, max: 200, noNaN: true });
    const any = fc
      .tuple(level, level, fc.integer({ min: 100, max: 20_000 }))
      .map(([from, to, durationMs]) => stage({ counts: 'rate', durationMs }, from, to));
    fc.assert(
      fc.property(fc.array(any, { minLength: 1, maxLength: 4 }), (stages) => {
        const end = stages.reduce((sum, { durationMs }) => sum + durationMs, 0);
        const seen = arrivalsUntil(end, ...stages);
        const wanted = stages.reduce(
          (sum, { level, durationMs }) => sum + ((level.from + level.to) / 2) * (durationMs / 1000),
          0,
        );
        expect(Math.abs(seen.length - wanted)).toBeLessThanOrEqual(0.51);
        expect(seen.every((at, index) => index === 0 || at >= seen[index - 1]!)).toBe(true);
      }),
      { numRuns: 50 },
    );
  });
});
