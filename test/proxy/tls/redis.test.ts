import { readFileSync } from 'node:fs';
import { Redis, type RedisOptions } from 'ioredis';
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import type { ProxyTls } from '../../../src/core/protocol.ts';
import { freePort } from '../../support/free-port.ts';
import { describeWithRedis, type Service, startRedis } from '../../support/services.ts';
import { openTlsPort, TLS } from '../../support/tls/index.ts';
import { until } from '../../support/until.ts';
import { startProxy } from './stage.ts';

const LISTEN = { cert: TLS.certificate, key: TLS.key };
const TRUSTING = { tls: { ca: readFileSync(TLS.ca, 'utf8'), servername: 'localhost' } };

describeWithRedis('A redis proxy', () => {
  let service: Service;
  let tlsPort = 0;
  const close: (() => unknown)[] = [];
  beforeAll(async () => {
    service = await startRedis();
    tlsPort = await freePort();
    await openTlsPort(service.port, tlsPort);
  });
  afterAll(() => service.stop());
  afterEach(async () => {
    for (const one of close.splice(0).reverse()) await one();
  });

  async function stage(upstreamPort: number, tls?: ProxyTls) {
    const upstream = `127.0.0.1:${upstreamPort}`;
    const proxy = await startProxy({ protocol: 'redis', upstream, ...(tls ? { tls } : {}) });
    close.push(() => proxy.close());
    return {
      ...proxy,
      async client(options: RedisOptions = {}) {
        const client = new Redis(proxy.port, '127.0.0.1', {
          lazyConnect: true,
          retryStrategy: () => null,
          maxRetriesPerRequest: 0,
          ...options,
        });
        client.on('error', () => {});
        close.push(() => client.disconnect());
        await client.connect();
        return client;
      },
    };
  }
  const byTls = () => tlsPort;
  const plain = () => service.port;

  it.each<[string, ProxyTls, RedisOptions, () => number]>([
    ['to its clients', { listen: LISTEN }, TRUSTING, plain],
    ['to its upstream', { upstream: 'verify', ca: TLS.ca }, {}, byTls],
    ['to its upstream, unverified', { upstream: 'require' }, {}, byTls],
    ['on both sides', { listen: LISTEN, upstream: 'verify', ca: TLS.ca }, TRUSTING, byTls],
  ])('with TLS %s keeps a pipeline in step through faults', async (_, tls, options, port) => {
    const { client, put, counts } = await stage(port(), tls);
    const redis = await client(options);
    put({ type: 'redis_error', attributes: { reply: 'READONLY' }, match: { command: 'SET' } });
    const answers = await redis.pipeline().echo('a').set('k', 'v').echo('b').exec();
    expect(answers?.map(([error, value]) => error?.message.split(' ')[0] ?? value)).toEqual([
      'a',
      'READONLY',
      'b',
    ]);
    expect(counts()).toMatchObject({ matched: 1, injected: 1, skipped: {} });
  });

  it('without a certificate passes TLS as it is: bytes faults act, message faults are skipped with the reason', async () => {
    const { client, put, counts } = await stage(byTls());
    const redis = await client(TRUSTING);
    put({ type: 'redis_error' });
    expect(await redis.echo('under TLS')).toBe('under TLS');
    expect(counts()).toMatchObject({ matched: 0, injected: 0, skipped: { encrypted: 1 } });
    put({ type: 'latency', attributes: { latency: 60 } });
    const began = performance.now();
    expect(await redis.echo('late')).toBe('late');
    expect(performance.now() - began).toBeGreaterThan(55);
  });

  it('delays on the wire, outside TLS, and lets all go when that is taken back', async () => {
    const { client, put, plane, seen } = await stage(plain(), { listen: LISTEN });
    const redis = await client(TRUSTING);
    put({ type: 'latency', attributes: { latency: 60_000 } });
    const held = redis.echo('held');
    await until('the answer is held', () => seen().held.open > 0);
    plane.emptyFaults();
    expect(await held).toBe('held');
  });

  it('told to verify says once why an upstream is not trusted, and closes', async () => {
    const { client, lines } = await stage(byTls(), { upstream: 'verify' });
    await expect(client()).rejects.toThrow();
    await expect(client()).rejects.toThrow();
    expect(lines).toEqual([
      expect.stringMatching(
        /^The certificate of the upstream of proxy "p", .* does not verify: self-signed certificate in/,
      ),
    ]);
  });

  it('says that a certificate has ended', async () => {
    const expiredPort = await freePort();
    await openTlsPort(service.port, expiredPort, TLS.expired);
    const expired = await stage(expiredPort, { upstream: 'verify', ca: TLS.ca });
    await expect(expired.client()).rejects.toThrow();
    expect(expired.lines.join()).toContain('does not verify: certificate has expired');
  });

  it('closes a client that does not speak TLS where it must, and serves the next', async () => {
    const { client, seen, lines } = await stage(plain(), { listen: LISTEN });
    await expect(client()).rejects.toThrow();
    await until('it is gone', () => seen().connections.open === 0);
    expect(await (await client(TRUSTING)).echo('x')).toBe('x');
    expect(lines).toEqual([]);
  });
});
