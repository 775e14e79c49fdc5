import { describe, expect, test } from 'vitest';
import { FaultlineError, FaultlineErrors } from '../../src/core/errors.ts';
import { seededUnit } from '../../src/core/hash.ts';
import { expandVariables, maskUrls } from '../../src/core/secrets.ts';
import { percentile } from '../../src/core/statistics.ts';
import { didYouMean } from '../../src/core/suggest.ts';

describe('an error', () => {
  test('reads file, line, column and sentence where its place is known', () => {
    const error = new FaultlineError('BAD_SHARE', { value: '120%' }, { file: 'a.yaml', line: 3, column: 7 });
    expect(String(error)).toBe(
      'a.yaml:3:7: "120%" is not a share: write it as 25% or as a number from 0 to 1.',
    );
  });

  test('of many parts takes the highest exit code among them', () => {
    const errors = new FaultlineErrors([
      new FaultlineError('BAD_SHARE', {}),
      new FaultlineError('HALTED', {}),
    ]);
    expect(errors.exitCode).toBe(6);
  });
});

describe('a suggestion', () => {
  test.each([
    ['toxcity', ' Did you mean "toxicity"?'],
    ['lateny', ' Did you mean "latency"?'],
    ['zzz', ''],
  ])('for %s is "%s"', (word, suggestion) => {
    expect(didYouMean(word, ['toxicity', 'latency', 'bandwidth'])).toBe(suggestion);
  });
});

describe('a seeded draw', () => {
  test('is the same for the same parts and another for others', () => {
    expect(seededUnit(42, 'redis', 'a', 1)).toBe(seededUnit(42, 'redis', 'a', 1));
    expect(seededUnit(42, 'redis', 'a', 1)).not.toBe(seededUnit(42, 'redis', 'a', 2));
    expect(seededUnit('ab', 'c')).not.toBe(seededUnit('a', 'bc'));
  });

  test('spreads evenly over consecutive numbers', () => {
    const buckets = new Array<number>(20).fill(0);
    for (let number = 0; number < 20_000; number++)
      buckets[Math.floor(seededUnit(7, 'p', 'f', number) * 20)]!++;
    // Chi-squared with 19 degrees of freedom exceeds 43.8 once in a thousand; the draw is seeded, so this never flickers.
    expect(buckets.reduce((sum, seen) => sum + (seen - 1000) ** 2 / 1000, 0)).toBeLessThan(43.8);
  });
});

test('a percentile is the nearest rank', () => {
  expect(percentile([1, 2, 3, 4], 0.5)).toBe(2);
  expect(percentile([1, 2, 3, 4], 0.95)).toBe(4);
  expect(percentile([], 0.5)).toBeNaN();
});

describe('a secret', () => {
  test('in a URL is masked, user info and query values alike', () => {
    expect(maskUrls('postgres://ada:pw@db:5432/app?sslkey=k&x=1')).toBe(
      'postgres://***@db:5432/app?sslkey=***&x=***',
    );
    expect(maskUrls('url: "https://h/v1?key=abc" # note')).toBe('url: "https://h/v1?key=***" # note');
  });

  test('is expanded only when its name is listed and set', () => {
    const environment = { A: '1' };
    expect(expandVariables('x${A}', environment, ['A'])).toEqual({ text: 'x1' });
    expect(expandVariables('x${A}', environment, [])).toEqual({ refused: 'A', why: 'not-listed' });
    expect(expandVariables('x${B}', environment, ['B'])).toEqual({ refused: 'B', why: 'not-set' });
  });
});
