import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { boundedPattern } from '../../src/proxy/bounded-pattern.ts';
import { compileMatch } from '../../src/proxy/match.ts';

describe('a pattern for statements', () => {
  test('is tried anywhere in the text, whatever the case', () => {
    const test = boundedPattern('insert\\s+into (tasks|notes)\\b');
    expect(test('/* a */ INSERT  INTO Tasks values (1)')).toBe(true);
    expect(test('insert into tasksets')).toBe(false);
  });

  test('answers alike whether its time is bounded or not', () => {
    const bounded = boundedPattern('(?:a|b)+c');
    const plain = /(?:a|b)+c/i;
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom('a', 'b', 'c', 'A', ' ') }), (text) => {
        expect(bounded(text)).toBe(plain.test(text));
        expect(bounded(text)).toBe(plain.test(text));
      }),
    );
  });

  test('reads no more than the first 16 KiB', () => {
    const test = boundedPattern('needle');
    expect(test(`${' '.repeat(16 * 1024 - 6)}needle`)).toBe(true);
    expect(test(`${' '.repeat(16 * 1024)}needle`)).toBe(false);
  });

  test.each([
    ['(a+)+$', `${'a'.repeat(64)}b`],
    ['(a|a)*b', 'a'.repeat(64)],
    [`${'a?'.repeat(16)}${'a'.repeat(16)}$`, `${'a'.repeat(15)}b`],
    ['a*a*a*a*a*b', 'a'.repeat(16_000)],
    ['(.+)\\1\\1\\1c', 'ab'.repeat(4000)],
  ])('%s does not stop the process on a text that it would try for ever', (source, text) => {
    const test = boundedPattern(source);
    const began = performance.now();
    for (let times = 0; times < 20; times++) expect(test(text)).toBe(false);
    expect(performance.now() - began).toBeLessThan(5_000);
  });

  test('takes no more than a share of the time where every text is another that it would try for ever', () => {
    const test = boundedPattern('(a+)+$');
    const began = performance.now();
    for (let times = 0; times < 400; times++) expect(test(`${'a'.repeat(40 + times)}b`)).toBe(false);
    expect(performance.now() - began).toBeLessThan(400 * 25 * 0.5);
  });

  test.each([
    ['of many optional parts', 'a?'.repeat(17)],
    ['of many counted parts', '(a{0,30}){0,30}'.repeat(9)],
    ['of many characters', 'a'.repeat(1001)],
  ])('%s is refused as too intricate', (_, source) => {
    expect(() => boundedPattern(source)).toThrow('it is too intricate');
  });

  test('may hold any number of signs that repeat nothing', () => {
    expect(
      boundedPattern(`^${'\\?'.repeat(20)}[*+?{]{20}(?:a)$`)(`${'?'.repeat(20)}${'*'.repeat(20)}a`),
    ).toBe(true);
  });

  test('that is no regular expression is refused with its text', () => {
    expect(() => boundedPattern('insert (')).toThrow('"insert (" is not valid for match.sql');
  });
});

describe('a match', () => {
  const facts = {
    client: '127.0.0.1',
    sql: 'select 1',
    command: ['BEGIN', 'SELECT'],
    user: 'ada',
    database: 'notes',
  };
  test.each([
    [{ command: 'select' }, true],
    [{ command: 'sel*' }, true],
    [{ command: 'insert' }, false],
    [{ user: 'a?a', database: '*' }, true],
    [{ user: 'Ada' }, false],
    [{ sql: '^SELECT' }, true],
    [{ key: '*' }, false],
  ])('%j is held against what a statement shows', (match, wanted) => {
    expect(compileMatch(match)(facts)).toBe(wanted);
  });

  test('on a key is met by any key of a command', () => {
    const matches = compileMatch({ key: 'bull:*' });
    expect(matches({ client: '', key: ['a', 'bull:1'] })).toBe(true);
    expect(matches({ client: '', key: 'bull:1' })).toBe(true);
    expect(matches({ client: '', key: ['a'] })).toBe(false);
  });
});
