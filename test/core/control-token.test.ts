import { describe, expect, test } from 'vitest';
import { controlToken } from '../../src/core/control-token.ts';

const TOKEN = 'a-token-of-a-good-length';
const files: Record<string, string> = { '/run/secrets/token': `${TOKEN}\n`, '/run/secrets/short': 'hush' };
const read = (path: string) => {
  const text = files[path];
  if (text === undefined) throw new Error('no such file');
  return text;
};

describe('the token of the control port', () => {
  test('is none where no variable is set', () => {
    expect(controlToken({}, read)).toBeUndefined();
  });

  test.each([
    ['its own variable', { FAULTLINE_CONTROL_TOKEN: TOKEN }],
    ['a file, without the line end', { FAULTLINE_CONTROL_TOKEN_FILE: '/run/secrets/token' }],
  ])('comes from %s', (_, environment) => {
    expect(controlToken(environment, read)).toBe(TOKEN);
  });

  test.each([
    [
      'an empty one, as of a variable that was meant to be set',
      { FAULTLINE_CONTROL_TOKEN: '' },
      '0 characters',
    ],
    ['a short one', { FAULTLINE_CONTROL_TOKEN: 'hush' }, '4 characters'],
    ['a short one of a file', { FAULTLINE_CONTROL_TOKEN_FILE: '/run/secrets/short' }, '4 characters'],
    ['one with a space', { FAULTLINE_CONTROL_TOKEN: 'hush hush hush hush' }, 'a space'],
    ['a file that is not there', { FAULTLINE_CONTROL_TOKEN_FILE: '/nowhere' }, 'no such file'],
    [
      'two at once',
      { FAULTLINE_CONTROL_TOKEN: 'hush-hush-hush-hush', FAULTLINE_CONTROL_TOKEN_FILE: '/run/secrets/token' },
      'take one away',
    ],
  ])('is refused without being quoted: %s', (_, environment, reason) => {
    const ask = () => controlToken(environment, read);
    expect(ask).toThrow(reason);
    expect(ask).not.toThrow(/hush/);
    expect(ask).not.toThrow(TOKEN);
  });
});
