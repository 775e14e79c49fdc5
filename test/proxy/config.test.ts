import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { FaultlineErrors } from '../../src/core/errors.ts';
import { findProxyConfig, readProxyConfig } from '../../src/proxy/config.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'faultline-config-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

function write(text: string, name = 'faultline.yaml'): string {
  const path = join(folder, name);
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, text);
  return path;
}

function problems(text: string): string[] {
  const path = write(text);
  try {
    readProxyConfig(path);
  } catch (error) {
    if (error instanceof FaultlineErrors)
      return error.errors.map((one) => String(one).replace(/^[^:]*faultline\.yaml:/, ''));
    throw error;
  }
  return [];
}

describe('faultline.yaml', () => {
  test('maps addresses of Redis nodes, on redis only', () => {
    const map = '{ "10.0.0.1:6379": "127.0.0.1:16379" }';
    const proxy = (protocol: string, addresses: string) =>
      `proxies: { cache: { protocol: ${protocol}, listen: ":1", upstream: "a:1", addresses: ${addresses} } }`;
    expect(readProxyConfig(write(proxy('redis', map))).proxies[0]?.addresses).toEqual({
      '10.0.0.1:6379': '127.0.0.1:16379',
    });
    expect(problems(proxy('tcp', map)).join()).toContain('only a redis proxy rewrites addresses');
    expect(problems(proxy('redis', '{ "10.0.0.1": "127.0.0.1:16379" }')).join()).toContain('host:port');
  });

  test('declares proxies, with certificates relative to its own folder', () => {
    const path = write(`
control: 127.0.0.1:9000
allowedHosts: [chaos.example]
proxies:
  db: { protocol: postgres, listen: "127.0.0.1:0", upstream: "db:5432",
        tls: { listen: { cert: c.pem, key: /k.pem }, upstream: verify, ca: ca/root.pem } }
  ai: { protocol: openai, listen: "[::1]:4010", upstream: "https://api.openai.com/v1" }
  raw: { listen: ":7000", upstream: "10.0.0.1:7" }
`);
    expect(readProxyConfig(path)).toEqual({
      control: '127.0.0.1:9000',
      allowedHosts: ['chaos.example'],
      disabled: [],
      proxies: [
        {
          name: 'db',
          protocol: 'postgres',
          listen: '127.0.0.1:0',
          upstream: 'db:5432',
          tls: {
            upstream: 'verify',
            listen: { cert: join(folder, 'c.pem'), key: '/k.pem' },
            ca: join(folder, 'ca/root.pem'),
          },
        },
        { name: 'ai', protocol: 'openai', listen: '[::1]:4010', upstream: 'https://api.openai.com/v1' },
        { name: 'raw', protocol: 'tcp', listen: ':7000', upstream: '10.0.0.1:7' },
      ],
    });
  });

  test('has the usual control address where it names none', () => {
    expect(readProxyConfig(write('proxies: {}')).control).toBe('127.0.0.1:8474');
  });

  const wrong: readonly [what: string, text: string, place: string, says: string][] = [
    ['an unknown key', 'proxys: {}', '1:1', '"proxies"'],
    [
      'an unknown key of a proxy',
      'proxies:\n  a: { listen: ":1", upstreem: "b:1", upstream: "b:1" }',
      '2:22',
      '"upstream"',
    ],
    [
      'an unknown protocol',
      'proxies:\n  a: { protocol: postgrs, listen: ":1", upstream: "b:1" }',
      '2:18',
      'postgres',
    ],
    ['no upstream', 'proxies:\n  a: { listen: ":1" }', '2:6', 'upstream'],
    [
      'a listen address without a port',
      'proxies:\n  a: { listen: localhost, upstream: "b:1" }',
      '2:16',
      'host:port',
    ],
    [
      'a port that does not exist',
      'proxies:\n  a: { listen: ":65536", upstream: "b:1" }',
      '2:16',
      'host:port',
    ],
    ['a URL for tcp', 'proxies:\n  a: { listen: ":1", upstream: "http://b" }', '2:32', 'tcp'],
    [
      'a URL of another scheme',
      'proxies:\n  a: { protocol: http, listen: ":1", upstream: "ftp://b" }',
      '2:48',
      'http or https',
    ],
    [
      'a password in a URL',
      'proxies:\n  a: { protocol: http, listen: ":1", upstream: "http://me:pw@b" }',
      '2:48',
      'password',
    ],
    [
      'a port taken twice',
      'proxies:\n  a: { listen: "h:1", upstream: "b:1" }\n  b: { listen: "h:1", upstream: "c:1" }',
      '3:16',
      '"a"',
    ],
    ['a name with a slash', 'proxies:\n  a/b: { listen: ":1", upstream: "b:1" }', '2:3', 'letters'],
    ['a list of proxies', 'proxies: [a]', '1:10', 'map'],
    ['broken YAML', 'proxies: {', '1:11', '}'],
  ];
  test.each(wrong)('says where there is %s', (_, text, place, says) => {
    const found = problems(text);
    expect(found).toHaveLength(1);
    expect(found[0]).toMatch(new RegExp(`^${place}: `));
    expect(found[0]).toContain(says);
    expect(found[0]).not.toContain('pw@');
  });

  test('says that it is not there', () => {
    expect(() => readProxyConfig(join(folder, 'none.yaml'))).toThrow(/none\.yaml: there is no such file/);
    expect(() => readProxyConfig(folder)).toThrow(/it is a folder/);
  });
});

describe("a file of Toxiproxy's", () => {
  test('is read as it is', () => {
    const path = write(
      '[{"name": "redis", "listen": "[::]:26379", "upstream": "r:6379", "enabled": false, "comment": 1},\n {"name": "web app", "upstream": "w:80"}]',
      'toxiproxy.json',
    );
    expect(readProxyConfig(path)).toEqual({
      control: '127.0.0.1:8474',
      allowedHosts: [],
      disabled: ['redis'],
      proxies: [
        { name: 'redis', protocol: 'tcp', listen: '[::]:26379', upstream: 'r:6379' },
        { name: 'web app', protocol: 'tcp', listen: ':0', upstream: 'w:80' },
      ],
    });
  });

  test('says which entry is wrong', () => {
    const path = write('[\n {"name": "a"}\n]', 'toxiproxy.json');
    expect(() => readProxyConfig(path)).toThrow(/toxiproxy\.json:2:\d+: .*upstream/);
  });
});

describe('the faultline.yaml that holds for a folder', () => {
  test('is the nearest one upwards, else the one in the current folder', () => {
    const top = write('proxies: {}');
    mkdirSync(join(folder, 'a/b'), { recursive: true });
    expect(findProxyConfig(join(folder, 'a/b'), '/')).toBe(top);
    const near = write('proxies: {}', 'a/faultline.yaml');
    expect(findProxyConfig(join(folder, 'a/b'), '/')).toBe(near);
    rmSync(top);
    rmSync(near);
    const own = write('proxies: {}', 'elsewhere/faultline.yaml');
    expect(findProxyConfig(join(folder, 'a/b'), dirname(own))).toBe(own);
    expect(findProxyConfig(join(folder, 'a/b'), '/')).toBeUndefined();
  });
});
