import { describe, expect, test } from 'vitest';
import { FaultlineError } from '../../src/core/errors.ts';
import {
  formatDuration,
  formatShare,
  formatSize,
  parseDuration,
  parseShare,
  parseSize,
} from '../../src/core/units.ts';

describe('a duration', () => {
  test.each([
    ['250ms', 250],
    ['4s', 4000],
    ['2m', 120_000],
    ['1h30m', 5_400_000],
    ['0.5s', 500],
    ['100us', 0.1],
    [250, 250],
    ['250', 250],
  ])('written as %s is %d ms', (text, ms) => {
    expect(parseDuration(text)).toBeCloseTo(ms, 9);
  });

  test('without a unit is taken in the unit that its attribute names', () => {
    expect(parseDuration(1500, 'us')).toBe(1.5);
  });

  test.each(['', '4 sec', '-1s', 'fast', '4s!', -3, Number.NaN])('cannot be written as %s', (text) => {
    expect(() => parseDuration(text)).toThrow(FaultlineError);
  });

  test.each([
    [0.25, '250 µs'],
    [3.14, '3.1 ms'],
    [412.4, '412 ms'],
    [4000, '4 s'],
    [90_000, '1 min 30 s'],
    [119_900, '2 min'],
  ])('of %d ms is told as %s', (ms, text) => {
    expect(formatDuration(ms)).toBe(text);
  });
});

describe('a size', () => {
  test.each([
    ['512', 512],
    ['64KiB', 65_536],
    ['2MB', 2_000_000],
    [7, 7],
  ])('written as %s is %d bytes', (text, bytes) => {
    expect(parseSize(text)).toBe(bytes);
  });

  test('cannot be written in bits', () => {
    expect(() => parseSize('5Mbit')).toThrow('"5Mbit" is not a size');
  });

  test('is told in the largest unit that it fills', () => {
    expect([formatSize(12), formatSize(1536), formatSize(3 * 2 ** 20)]).toEqual(['12 B', '1.5 KiB', '3 MiB']);
  });
});

describe('a share', () => {
  test.each([
    ['25%', 0.25],
    ['0.25', 0.25],
    [1, 1],
    ['0%', 0],
  ])('written as %s is %d', (text, share) => {
    expect(parseShare(text)).toBe(share);
  });

  test.each(['101%', 1.5, '-1%', 'half'])('cannot be written as %s', (text) => {
    expect(() => parseShare(text)).toThrow('is not a share');
  });

  test('is told in percent', () => {
    expect(formatShare(0.1234)).toBe('12.34%');
  });
});
