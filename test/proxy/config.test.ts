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
      toxics: new Map(),
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

  test('declares toxics, with the defaults of Toxiproxy and units', () => {
    const path = write(`
proxies:
  db:
    listen: ":7000"
    upstream: "10.0.0.1:7"
    toxics:
      - { type: latency, attributes: { latency: 2s } }
      - { type: limit_data, name: cut, stream: upstream, toxicity: 25%, attributes: { bytes: 1KiB } }
`);
    const { proxies, toxics } = readProxyConfig(path);
    expect(proxies).toEqual([{ name: 'db', protocol: 'tcp', listen: ':7000', upstream: '10.0.0.1:7' }]);
    expect([...toxics]).toEqual([
      [
        'db',
        [
          {
            name: 'latency_downstream',
            type: 'latency',
            stream: 'downstream',
            toxicity: 1,
            attributes: { latency: 2000, jitter: 0 },
          },
          {
            name: 'cut',
            type: 'limit_data',
            stream: 'upstream',
            toxicity: 0.25,
            attributes: { bytes: 1024 },
          },
        ],
      ],
    ]);
  });

  const toxics = (toxic: string) => `proxies:\n  a: { listen: ":1", upstream: "b:1", toxics: [${toxic}] }`;
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
    ['an unknown toxic', toxics('{ type: latenzy }'), '2:56', '"latency"'],
    ['a toxic that can only be leased', toxics('{ type: down }'), '2:56', '"down"'],
    ['a toxic without a type', toxics('{ stream: upstream }'), '2:48', 'type'],
    ['an unknown key of a toxic', toxics('{ type: latency, toxicty: 1 }'), '2:65', '"toxicity"'],
    ['an unknown attribute', toxics('{ type: latency, attributes: { latncy: 1 } }'), '2:79', '"latency"'],
    [
      'an attribute of the wrong kind',
      toxics('{ type: latency, attributes: { latency: soon } }'),
      '2:88',
      'soon',
    ],
    ['a toxicity that is no share', toxics('{ type: latency, toxicity: 5 }'), '2:75', '5'],
    ['a stream that there is not', toxics('{ type: latency, stream: sideways }'), '2:73', 'upstream'],
    ['a toxic that the proxy does not speak', toxics('{ type: pg_latency }'), '2:56', 'tcp'],
    ['two toxics of one name', toxics('{ type: latency }, { type: latency }'), '2:67', 'latency_downstream'],
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
      toxics: new Map(),
      proxies: [
        { name: 'redis', protocol: 'tcp', listen: '[::]:26379', upstream: 'r:6379' },
        { name: 'web app', protocol: 'tcp', listen: ':0', upstream: 'w:80' },
      ],
    });
  });

  test('may hold toxics too', () => {
    const path = write(
      '[{"name": "redis", "listen": "[::]:26379", "upstream": "r:6379", "toxics": [{"type": "latency", "attributes": {"latency": 5}}]}]',
      'toxiproxy.json',
    );
    expect(readProxyConfig(path).toxics.get('redis')).toMatchObject([
      { name: 'latency_downstream', toxicity: 1 },
    ]);
    const wrong = write(
      '[{"name": "a", "upstream": "b:1",\n "toxics": [{"type": "latenzy"}]}]',
      'toxiproxy.json',
    );
    expect(() => readProxyConfig(wrong)).toThrow(/toxiproxy\.json:2:22: .*"latency"/);
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
