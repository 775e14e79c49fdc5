import { describe, expect, test } from 'vitest';
import { hostOf, refuseTarget } from '../../src/safety/limits/targets.ts';

const targets = {
  allow: ['*.staging.example', 'api.openai.com'],
  deny: ['*.prod.example', '10.9.*', 'db-prod*'],
};
const verdict = (address: string) => refuseTarget(targets, hostOf(address) ?? '')?.why ?? 'touched';

describe('a host', () => {
  test.each([
    ['a loopback address', '127.0.0.1:5432', 'touched'],
    ['another loopback address', '127.8.8.8:1', 'touched'],
    ['a private address', '192.168.1.5:1', 'touched'],
    ['a loopback address of version 6', '[::1]:6379', 'touched'],
    ['a private address of version 6', 'http://[fd00::1]/', 'touched'],
    ['a name of one label', 'redis:6379', 'touched'],
    ['localhost', 'http://localhost:3000/', 'touched'],
    ['a name kept for private use', 'redis.cache.internal:6379', 'touched'],
    ['an allowed host', 'https://api.openai.com/v1', 'touched'],
    ['a host under an allowed domain', 'postgres://u:p@db.eu.staging.example/app', 'touched'],
    ['an allowed host in capitals, with its final dot', 'https://API.OpenAI.com./', 'touched'],
    ['a public host', 'https://api.anthropic.com', 'not-allowed'],
    ['a public address', '8.8.8.8:53', 'not-allowed'],
    ['a public address within one of version 6', '[::ffff:8.8.8.8]:53', 'not-allowed'],
    ['the metadata service of clouds', 'http://169.254.169.254/latest', 'not-allowed'],
    ['a host that only ends like an allowed one', 'https://evilapi.openai.com', 'not-allowed'],
    ['a host that only begins like an allowed one', 'https://api.openai.com.evil.example', 'not-allowed'],
    ['a host behind user info that looks like one', 'https://api.openai.com@evil.example/', 'not-allowed'],
    ['a denied host', 'db.prod.example:5432', 'denied'],
    ['a denied host of one label', 'db-prod-1:5432', 'denied'],
    ['a denied private address', '10.9.1.1:5432', 'denied'],
    ['a denied address in another notation', 'http://0x0a.9.1.1/', 'denied'],
  ])('that is %s is %s', (_, address, expected) => {
    expect(verdict(address)).toBe(expected);
  });

  test('behind a variable is not known before it is used', () => {
    expect(hostOf('${DATABASE_URL}')).toBeUndefined();
  });

  test('is denied although it is allowed', () => {
    expect(refuseTarget({ allow: ['*'], deny: ['*.example'] }, 'A.Example')).toEqual({
      why: 'denied',
      host: 'a.example',
      rule: '*.example',
    });
  });
});
