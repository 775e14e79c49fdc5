import { describe, expect, test } from 'vitest';
import { abortRuleSchema, isLooser, toAbortRule } from '../../src/safety/limits/abort-rule.ts';

const rule = (measure: string, bound: string, time = '5s') => {
  const written = measure.startsWith('vs ')
    ? { vsBaseline: `${measure.slice(3)} ${bound}x` }
    : { [measure]: bound };
  return toAbortRule(abortRuleSchema.parse({ probe: '*', ...written, for: time }), 'experiment');
};
const MEASURES = [
  ['errorRate', 10, 50, '%'],
  ['value', 10, 50, ''],
  ['p50', 10, 50, 'ms'],
  ['p95', 10, 50, 'ms'],
  ['p99', 10, 50, 'ms'],
  ['max', 10, 50, 'ms'],
  ['vs p95', 10, 50, ''],
  ['vs errorRate', 10, 50, ''],
] as const;
const OPERATORS = ['>', '>=', '<', '<='] as const;

describe('an experiment may only tighten', () => {
  const cases = MEASURES.flatMap(([measure, low, high, unit]) =>
    OPERATORS.map((operator) => {
      const [nearer, further] = operator.startsWith('>') ? [low, high] : [high, low];
      return {
        measure,
        operator,
        nearer: `${operator} ${nearer}${unit}`,
        further: `${operator} ${further}${unit}`,
      };
    }),
  );

  test.each(cases)('$measure $operator: its bound may be nearer than the limit and not further', (one) => {
    const { measure, nearer, further } = one;
    expect(isLooser(rule(measure, further), rule(measure, nearer))).toBe(true);
    expect(isLooser(rule(measure, nearer), rule(measure, further))).toBe(false);
    expect(isLooser(rule(measure, nearer), rule(measure, nearer))).toBe(false);
  });

  test.each(cases)(
    '$measure $operator: its time may be shorter and not longer',
    ({ measure, nearer, further }) => {
      expect(isLooser(rule(measure, nearer, '10s'), rule(measure, nearer, '5s'))).toBe(true);
      expect(isLooser(rule(measure, nearer, '1s'), rule(measure, nearer, '5s'))).toBe(false);
      // Each fires where the other would not: both hold.
      expect(isLooser(rule(measure, nearer, '10s'), rule(measure, further, '5s'))).toBe(false);
      expect(isLooser(rule(measure, further, '1s'), rule(measure, nearer, '5s'))).toBe(false);
    },
  );

  test.each([
    ['>', '>='],
    ['<', '<='],
  ])('"%s" is looser than "%s" at the same bound', (strict, orEqual) => {
    expect(isLooser(rule('value', `${strict} 3`), rule('value', `${orEqual} 3`))).toBe(true);
    expect(isLooser(rule('value', `${orEqual} 3`), rule('value', `${strict} 3`))).toBe(false);
    // Nearer by its operator, although it waits longer.
    expect(isLooser(rule('value', `${orEqual} 3`, '10s'), rule('value', `${strict} 3`, '5s'))).toBe(false);
  });

  test.each(['==', '!='])('a state "%s" may last shorter and not longer', (operator) => {
    expect(isLooser(rule('value', `${operator} 0`, '10s'), rule('value', `${operator} 0`, '5s'))).toBe(true);
    expect(isLooser(rule('value', `${operator} 0`, '1s'), rule('value', `${operator} 0`, '5s'))).toBe(false);
    expect(isLooser(rule('value', `${operator} 1`, '10s'), rule('value', `${operator} 0`, '5s'))).toBe(false);
  });

  test('rules on different things are never compared', () => {
    const limit = rule('p95', '> 2s');
    for (const other of [
      rule('p99', '> 9s'),
      rule('vs p95', '> 90'),
      rule('p95', '< 9s'),
      rule('p95', '!= 9s'),
    ])
      expect(isLooser(other, limit)).toBe(false);
  });
});
