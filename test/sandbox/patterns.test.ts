import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { resilienceOf } from '../../src/cli/demo/build.ts';
import { PATTERN_NAMES, parsePatterns } from '../../src/sandbox/platform/patterns.ts';

describe('the list of patterns that are on', () => {
  test.each([
    ['none', []],
    ['', []],
    ['all', [...PATTERN_NAMES]],
    ['timeouts,breaker', ['timeouts', 'breaker']],
    [' timeouts , breaker ', ['timeouts', 'breaker']],
    ['all,-breaker', PATTERN_NAMES.filter((name) => name !== 'breaker')],
    ['none,breaker', ['breaker']],
    ['breaker,-breaker', []],
  ])('%j is read in the order in which it is written', (text, names) => {
    expect([...parsePatterns(text)].sort()).toEqual([...names].sort());
  });

  test.each([
    ['braker', 'Did you mean "breaker"?'],
    ['all,-timeout', 'Did you mean "timeouts"?'],
    ['retryafter', 'Did you mean "retry-after"?'],
  ])('%j is refused with a suggestion', (text, hint) => {
    expect(() => parsePatterns(text)).toThrow(hint);
  });

  test('names far from all others are refused with the whole list', () => {
    expect(() => parsePatterns('xyz')).toThrow(/names "xyz", which is no pattern\. Known: timeouts, breaker/);
  });
});

test('docs/sandbox.md tells of each pattern', () => {
  const text = readFileSync(new URL('../../docs/sandbox.md', import.meta.url), 'utf8');
  const told = [...text.matchAll(/^\| `([a-z-]+)` \|/gm)].map(([, name]) => name);
  expect(told).toEqual(PATTERN_NAMES);
});

describe('the flags of the demo', () => {
  test.each([
    [{}, 'none'],
    [{ build: 'resilient' }, 'all'],
    [{ build: 'resilient', without: ['breaker', 'jitter'] }, 'all,-breaker,-jitter'],
    [{ with: ['timeouts'] }, 'none,timeouts'],
  ])('%j are the list %s', (flags, list) => {
    expect(resilienceOf(flags)).toBe(list);
    expect(() => parsePatterns(list)).not.toThrow();
  });

  test.each([
    [{ build: 'strong' }, '"strong" is not valid for --build'],
    [{ without: ['braker'] }, 'Did you mean "breaker"?'],
  ])('%j are refused', (flags, message) => {
    expect(() => resilienceOf(flags)).toThrow(message);
  });
});
