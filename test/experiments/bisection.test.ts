import { describe, expect, test } from 'vitest';
import { bracketOf, mostTries, nextValue, type Tried } from '../../src/experiments/bisection.ts';

/** Plays a search on a system that breaks above `breaksAt` (below it, where the search goes down). */
function search(
  span: { from: number; to: number; within: number },
  breaksAt: number,
  admit?: (v: number) => number,
) {
  const tried: Tried[] = [];
  for (
    let value = nextValue(span, tried, admit);
    value !== undefined;
    value = nextValue(span, tried, admit)
  ) {
    tried.push({ value, good: span.from < span.to ? value <= breaksAt : value >= breaksAt });
    if (tried.length > 50) throw new Error('it does not end');
  }
  return { tried, ...bracketOf(tried) };
}

const SPAN = { from: 100, to: 5000, within: 0.1 };
const digits = (value: number) => Number(value.toPrecision(3));

describe('a search for the breaking point', () => {
  test('ends with a good and a bad value that are within a tenth of each other', () => {
    for (const breaksAt of [100, 105, 130, 700, 707, 1234, 4600, 4999]) {
      const { lastGood, firstBad, tried } = search(SPAN, breaksAt, digits);
      expect(lastGood, String(breaksAt)).toBeLessThanOrEqual(breaksAt);
      expect(firstBad).toBeGreaterThan(breaksAt);
      expect(firstBad! / lastGood!).toBeLessThanOrEqual(1.11);
      expect(tried.length).toBeLessThanOrEqual(mostTries(SPAN));
    }
  });

  test('begins with the mildest value, and ends there where not even that holds', () => {
    expect(search(SPAN, 50)).toEqual({
      tried: [{ value: 100, good: false }],
      lastGood: undefined,
      firstBad: 100,
    });
  });

  test('tries the harshest value last, and only where all before it held', () => {
    const { tried, lastGood, firstBad } = search(SPAN, 9000, digits);
    expect(tried.at(-1)).toEqual({ value: 5000, good: true });
    expect([lastGood, firstBad]).toEqual([5000, undefined]);
    expect(search(SPAN, 300).tried.some(({ value }) => value === 5000)).toBe(false);
  });

  test('goes down where less is worse', () => {
    const { lastGood, firstBad } = search({ from: 1000, to: 10, within: 0.05 }, 333);
    expect(lastGood).toBeGreaterThanOrEqual(333);
    expect(firstBad).toBeLessThan(333);
    expect(lastGood! / firstBad!).toBeLessThanOrEqual(1.0501);
  });

  test('ends where whole numbers leave nothing between', () => {
    const { lastGood, firstBad } = search({ from: 1, to: 8, within: 0.01 }, 5, Math.round);
    expect([lastGood, firstBad]).toEqual([5, 6]);
  });

  test('takes a number of tries that grows with the logarithm of its span', () => {
    expect(mostTries(SPAN)).toBe(8);
    expect(mostTries({ ...SPAN, to: 500_000 })).toBe(9);
    expect(mostTries({ ...SPAN, to: 105 })).toBe(2);
  });
});
