import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { lanesOf } from '../../src/load/lanes.ts';
import { mixOf } from '../../src/load/mix.ts';

const sum = (numbers: readonly number[]) => numbers.reduce((total, number) => total + number, 0);

describe('a mix', () => {
  test.each([
    ['3 to 1 is spread', [3, 1], [0, 0, 1, 0]],
    ['equal ones take turns', [5, 5], [0, 1]],
    ['a single one is itself', [7], [0]],
    ['shares of one in ten', [0.9, 0.1].map((share) => share * 10), [0, 0, 0, 0, 0, 1, 0, 0, 0, 0]],
    ['no weight at all takes turns', [0, 0], [0, 1]],
  ])('of %s', (_, weights, expected) => {
    expect(mixOf(weights)).toEqual(expected);
  });

  test('holds each by its weight, and none is lost, whatever the weights', () => {
    fc.assert(
      fc.property(
        fc.array(fc.double({ min: 0.01, max: 50, noNaN: true }), { minLength: 1, maxLength: 8 }),
        (weights) => {
          const mix = mixOf(weights);
          for (const [index, weight] of weights.entries()) {
            const share = mix.filter((one) => one === index).length / mix.length;
            expect(share).toBeGreaterThan(0);
            expect(Math.abs(share - weight / sum(weights))).toBeLessThan(0.05);
          }
        },
      ),
    );
  });
});

describe('lanes', () => {
  test('begin one after the other within a second', () => {
    expect(lanesOf(4, 8)).toEqual([
      { connections: 1, rate: 2, delayMs: 0 },
      { connections: 1, rate: 2, delayMs: 250 },
      { connections: 1, rate: 2, delayMs: 500 },
      { connections: 1, rate: 2, delayMs: 750 },
    ]);
  });

  test('keep the rate and the connections, and give each connection something to send', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 500 }),
        fc.integer({ min: 1, max: 2000 }),
        (connections, rate) => {
          const lanes = lanesOf(connections, rate);
          expect(sum(lanes.map((lane) => lane.rate))).toBe(rate);
          expect(sum(lanes.map((lane) => lane.connections))).toBe(Math.min(connections, rate));
          expect(lanes.every((lane) => lane.rate >= lane.connections && lane.connections > 0)).toBe(true);
          expect(lanes.length).toBeLessThanOrEqual(20);
        },
      ),
    );
  });
});
