import { describe, expect, test } from 'vitest';
import { hostsOf, refuseAddress, refuseTarget } from '../../src/safety/limits/targets.ts';

const targets = {
  allow: ['*.staging.example', 'api.openai.com'],
  deny: ['*.prod.example', '10.9.*', 'db-prod*', '172.20.0.0/16'],
};
const verdict = (address: string) => refuseTarget(targets, hostsOf(address)?.[0] ?? '')?.why ?? 'touched';

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
    ['a denied address as one decimal number', 'http://168362241/', 'denied'],
    ['a public address as one decimal number', 'http://134744072/', 'not-allowed'],
    ['a loopback address as one decimal number', 'http://2130706433/', 'touched'],
    ['a denied address within one of version 6', '[::ffff:10.9.1.1]:5432', 'denied'],
    ['a private address within one of version 6', 'http://[::ffff:a01:101]/', 'touched'],
    ['a public address of version 6', 'http://[2606:4700::1111]/', 'not-allowed'],
    ['a link-local address of version 6', 'http://[fe80::1]/', 'not-allowed'],
    ['an address that means "here" or anywhere', '0.0.0.0:5432', 'not-allowed'],
    ['an address in a denied network', '172.20.7.7:5432', 'denied'],
    ['an address beside a denied network', '172.21.7.7:5432', 'touched'],
    ['written with percent signs', 'postgres://%64b.prod.example/app', 'denied'],
    ['behind user info that holds an @', 'postgres://u:p%40127.0.0.1@shop.example/app', 'not-allowed'],
  ])('that is %s is %s', (_, address, expected) => {
    expect(verdict(address)).toBe(expected);
  });

  test('behind a variable is not known before it is used', () => {
    expect(hostsOf('${DATABASE_URL}')).toBeUndefined();
  });

  test('is also the one that a Postgres driver takes from the query; a socket of this machine is none', () => {
    expect(hostsOf('postgres://127.0.0.1/app?host=db.prod.example')).toEqual([
      '127.0.0.1',
      'db.prod.example',
    ]);
    expect(hostsOf('postgres:///app?host=8.8.8.8')).toEqual(['8.8.8.8']);
    expect(hostsOf('postgres:///app?host=/run/postgresql')).toEqual([]);
    expect(hostsOf('postgres://a,b.example/app')).toEqual(['a', 'b.example']);
  });

  test.each([
    ['a backslash, which some take for a slash', 'postgres://127.0.0.1\\@shop.example/app'],
    ['a blank', 'http://127.0.0.1 @shop.example/'],
    ['no host, so that a driver would take one from its environment', 'postgres:///app'],
    ['nothing', ''],
  ])('cannot be told from an address with %s', (_, address) => {
    expect(hostsOf(address)).toBeUndefined();
  });

  test('is denied although it is allowed', () => {
    expect(refuseTarget({ allow: ['*'], deny: ['*.example'] }, 'A.Example')).toEqual({
      why: 'denied',
      host: 'a.example',
      rule: '*.example',
    });
  });
});

describe('an address that a name leads to', () => {
  const why = (name: string, address: string) => refuseAddress(targets, name, address)?.why ?? 'touched';

  test.each([
    ['a private one of a private name', 'redis', '10.0.0.7', 'touched'],
    ['a public one of a name that only looks private', 'redis', '8.8.8.8', 'not-allowed'],
    ['the metadata service behind a private name', 'meta.internal', '169.254.169.254', 'not-allowed'],
    ['a public one of an allowed name', 'api.openai.com', '104.18.7.192', 'touched'],
    ['a denied one of an allowed name', 'api.openai.com', '10.9.3.3', 'denied'],
    ['a denied one of a private name', 'redis', '172.20.1.1', 'denied'],
    ['a private one within one of version 6', 'redis', '::ffff:10.0.0.7', 'touched'],
  ])('is %s: %s at %s is %s', (_, name, address, expected) => {
    expect(why(name, address)).toBe(expected);
  });
});
