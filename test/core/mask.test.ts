import { describe, expect, test } from 'vitest';
import { maskDocument } from '../../src/core/document/mask.ts';

describe('a file that is recorded', () => {
  test.each([
    ['user info in a URL', 'url: "postgres://me:hunter2@db/app"', 'url: "postgres://***@db/app"'],
    ['a password with an at sign', 'url: "postgres://me:hunt@er2@db/app"', undefined],
    ['values of a query', 'url: http://a/?q=hunter2&r=hunter2', 'url: http://a/?q=***&r=***'],
    [
      'a credential header',
      'headers: { Authorization: Bearer hunter2, accept: a }',
      'headers: { Authorization: "***", accept: a }',
    ],
    ['a credential header in a block', 'headers:\n  x-api-key: |\n    hunter2\n  accept: a', undefined],
    [
      'a credential by alias',
      'a: &k hunter2\nheaders: { x-api-key: *k }',
      'a: &k "***"\nheaders: { x-api-key: *k }',
    ],
    ['an environment variable', 'env: { PGPASSWORD: hunter2 }', 'env: { PGPASSWORD: "***" }'],
    ['an escaped URL', 'url: "postgres:\\/\\/me:hunter2@db"', 'url: "postgres://***@db"'],
    ['a URL over two lines', 'url: "http://a/?q=hunter2\\\n  hunter2"', undefined],
    [
      'a comment',
      '# x-api-key: hunter2\nname: a # was http://me:hunter2@db',
      '# x-api-key: ***\nname: a # was http://***@db',
    ],
    ['a number', 'headers: { x-api-key: 42424242 }', 'headers: { x-api-key: "***" }'],
    ['a word in another language of YAML', 'headers: { "Authorization": !!str hunter2 }', undefined],
    ['a file that is not YAML', 'url: http://me:hunter2@db\n  : [', undefined],
  ])('does not hold %s', (_, text, masked) => {
    const result = maskDocument(text);
    expect(result).not.toMatch(/hunter2|hunt@er2|er2@|42424242/);
    if (masked !== undefined) expect(result).toBe(masked);
  });

  test('keeps all else as it stands, comments and variables included', () => {
    const text =
      '# why?\nurl:   "${DATABASE_URL}"   # from the vault\nheaders: { Authorization: "Bearer ${TOKEN}" }\nenv: { A: "${A}" }\n';
    expect(maskDocument(text)).toBe(text);
  });
});
