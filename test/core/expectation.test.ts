import { describe, expect, test } from 'vitest';
import {
  formatMeasure,
  meets,
  parseCount,
  parseExpectation,
  parseRelativeExpectation,
} from '../../src/core/expectation.ts';

describe('an expectation', () => {
  test('reads its bound in the unit of its measure', () => {
    expect(parseExpectation('p95', '< 300ms')).toMatchObject({
      operator: '<',
      bound: 300,
      relative: false,
      text: 'p95 < 300ms',
    });
    expect(parseExpectation('errorRate', '<= 1%')).toMatchObject({ operator: '<=', bound: 0.01 });
    expect(parseExpectation('status', 200)).toMatchObject({ operator: '==', bound: 200 });
    expect(parseExpectation('value', '!= -3')).toMatchObject({ operator: '!=', bound: -3 });
  });

  test.each([
    ['p95', '300ms', '< 300ms'],
    ['p95', '< soon', '< 300ms'],
    ['errorRate', '< 101%', '< 1%'],
    ['value', '==', '== 0'],
  ] as const)('of %s cannot be %s, and the error shows how to write one', (measure, source, example) => {
    expect(() => parseExpectation(measure, source)).toThrow(`"${source}" is not an expectation`);
    expect(() => parseExpectation(measure, source)).toThrow(`"${example}"`);
  });

  test('holds or not at its very bound as its operator says', () => {
    const at = (operator: string) => meets(parseExpectation('value', `${operator} 5`), 5);
    expect(['<', '<=', '>', '>=', '==', '!='].map(at)).toEqual([false, true, false, true, true, false]);
  });

  test('is met by nothing when there is no figure', () => {
    for (const operator of ['<', '<=', '>', '>=', '==', '!=']) {
      expect(meets(parseExpectation('value', `${operator} 5`), Number.NaN)).toBe(false);
    }
  });

  test('against the baseline multiplies the baseline', () => {
    const expectation = parseRelativeExpectation('p95 < 2x');
    expect(meets(expectation, 199, 100)).toBe(true);
    expect(meets(expectation, 200, 100)).toBe(false);
  });

  test.each(['p95 < 2', 'p96 < 2x', '< 2x', 'status == 1x'])(
    'against the baseline cannot be %s',
    (source) => {
      expect(() => parseRelativeExpectation(source)).toThrow('is not an expectation');
    },
  );

  test('of a count takes whole numbers only', () => {
    expect(parseCount('>= 20')).toEqual({ operator: '>=', bound: 20 });
    expect(() => parseCount('>= 2.5')).toThrow('">= 2.5" is not an expectation');
  });

  test('is told in the unit of its measure', () => {
    expect([
      formatMeasure('p95', 412.3),
      formatMeasure('errorRate', 0.005),
      formatMeasure('status', 200),
    ]).toEqual(['412 ms', '0.5%', '200']);
  });
});
