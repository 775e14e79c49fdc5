import { describe, expect, test } from 'vitest';
import { score, total } from './score.ts';
import type { Weakness } from './weaknesses.ts';

const weakness: Weakness = {
  name: 'breaker',
  without: ['breaker'],
  experiment: 'rate-limit-storm',
  expected: ['no-breaker', 'no-backoff'],
  alsoAllowed: [{ id: 'retry-storm', because: 'every attempt reaches the provider' }],
  contradicted: ['breaker-opened'],
};
const everywhere = [{ id: 'near-limit', because: 'it speaks of the run' }];
const stated = (id: string, severity: 'high' | 'good' = 'high') => ({ id, severity, claim: '' });

describe('the lessons of a run, beside what was known before it', () => {
  test('are stated, missed, false, or true besides', () => {
    const lessons = [stated('no-breaker'), stated('retry-storm'), stated('cascade'), stated('near-limit')];
    expect(score(weakness, lessons, everywhere)).toEqual({
      stated: ['no-breaker'],
      missed: ['no-backoff'],
      wrong: ['cascade'],
      allowed: ['retry-storm', 'near-limit'],
    });
  });

  test('are false where good news denies the weakness, and nothing where it does not', () => {
    const lessons = [
      stated('no-breaker', 'good'),
      stated('breaker-opened', 'good'),
      stated('contained', 'good'),
    ];
    expect(score(weakness, lessons, everywhere)).toEqual({
      stated: [],
      missed: ['no-breaker', 'no-backoff'],
      wrong: ['no-breaker (good)', 'breaker-opened (good)'],
      allowed: [],
    });
  });

  test('come to recall and precision, for which what is true besides counts as nothing', () => {
    const one = { stated: ['a'], missed: [], wrong: ['c'], allowed: ['d', 'e'] };
    const other = { stated: ['a', 'b'], missed: ['c'], wrong: [], allowed: [] };
    expect(total([one, other])).toEqual({ stated: 3, missed: 1, wrong: 1, recall: 0.75, precision: 0.75 });
  });
});
