import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { binomialCdf, rateAtLeast, rateAtMost } from '../../src/core/binomial.ts';

function summed(failures: number, trials: number, rate: number): number {
  let term = (1 - rate) ** trials;
  let sum = term;
  for (let k = 1; k <= failures; k++) {
    term *= ((trials - k + 1) / k) * (rate / (1 - rate));
    sum += term;
  }
  return sum;
}

describe('the binomial distribution', () => {
  test('is the sum of its terms', () => {
    const counts = fc
      .integer({ min: 1, max: 300 })
      .chain((n) => fc.tuple(fc.integer({ min: 0, max: n }), fc.constant(n)));
    fc.assert(
      fc.property(counts, fc.double({ min: 0.01, max: 0.9, noNaN: true }), ([failures, trials], rate) => {
        expect(binomialCdf(failures, trials, rate)).toBeCloseTo(
          Math.min(1, summed(failures, trials, rate)),
          8,
        );
      }),
    );
  });

  test('takes counts that are not whole, between those that are', () => {
    const between = binomialCdf(1.5, 30, 0.1);
    expect(between).toBeGreaterThan(binomialCdf(1, 30, 0.1));
    expect(between).toBeLessThan(binomialCdf(2, 30, 0.1));
  });

  test.each([
    ['nothing of fifty', 0, 50, 0.0711, 0],
    ['five of a hundred', 5, 100, 0.1128, 0.0164],
    ['all of twenty', 20, 20, 1, 0.8316],
  ])('bounds a rate by Clopper and Pearson: %s', (_, failures, trials, most, least) => {
    expect(rateAtMost(failures, trials, 0.025)).toBeCloseTo(most, 4);
    expect(rateAtLeast(failures, trials, 0.025)).toBeCloseTo(least, 4);
  });
});
