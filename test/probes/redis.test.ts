import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import { Redis } from 'ioredis';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import type { ProbeSpec } from '../../src/core/plan.ts';
import type { Probe } from '../../src/core/ports.ts';
import { createProbe } from '../../src/probes/index.ts';
import { describeWithRedis, type Service, startRedis } from '../support/services.ts';

describeWithRedis('a redis probe', () => {
  let redis: Service;
  let admin: Redis;
  beforeAll(async () => {
    redis = await startRedis();
    admin = new Redis(redis.url);
    await admin.rpush('queue', 'a', 'b', 'c');
    await admin.set('word', 'text');
    await admin.set('number', '2.5');
  });
  afterAll(async () => {
    admin?.disconnect();
    await redis?.stop();
  });

  const probes: Probe[] = [];
  afterEach(async () => {
    for (const probe of probes.splice(0)) await probe.close();
  });

  function probing(command: readonly string[], { url = redis.url, timeoutMs = 10_000 } = {}): Probe {
    const spec: ProbeSpec = {
      name: 'queue',
      kind: 'redis',
      url: '${REDIS_URL}',
      command,
      everyMs: 1000,
      timeoutMs,
      windowMs: 10_000,
      expect: [],
    };
    const probe = createProbe(spec, { environment: { REDIS_URL: url }, allowed: ['REDIS_URL'] });
    probes.push(probe);
    return probe;
  }

  const measure = (probe: Probe) => probe.measure(new AbortController().signal);

  test.each([
    ['a number', ['LLEN', 'queue'], 3],
    ['text that is a number', ['GET', 'number'], 2.5],
    ['no value of other text', ['GET', 'word'], undefined],
    ['no value of nil', ['GET', 'nothing'], undefined],
    ['no value of a list', ['LRANGE', 'queue', '0', '-1'], undefined],
  ])('reads %s', async (_, command, value) => {
    const sample = await measure(probing(command));
    expect(sample.ok).toBe(true);
    expect(sample.value).toBe(value);
  });

  test('keeps one connection, also after measurements that overlapped', async () => {
    const probe = probing(['CLIENT', 'ID']);
    const { value } = await measure(probe);
    expect((await measure(probe)).value).toBe(value);
    await Promise.all([measure(probe), measure(probe), measure(probe)]);
    const again = (await measure(probe)).value;
    expect((await measure(probe)).value).toBe(again);
  });

  test('connects again after its connection was killed', async () => {
    const probe = probing(['CLIENT', 'ID']);
    const { value } = await measure(probe);
    await admin.client('KILL', 'ID', value!);
    await expect.poll(async () => (await measure(probe)).ok, { timeout: 10_000 }).toBe(true);
  });

  test('fails at its time-out while the server is paused, and works again after', async () => {
    const probe = probing(['LLEN', 'queue'], { timeoutMs: 400 });
    await admin.call('CLIENT', 'PAUSE', '1500', 'ALL');
    expect(await measure(probe)).toMatchObject({ ok: false, reason: 'no answer within 400 ms' });
    await expect.poll(async () => (await measure(probe)).value, { timeout: 10_000 }).toBe(3);
  });

  test('says what kind of error the server gave, and quotes nothing of the command', async () => {
    const wrongType = await measure(probing(['INCR', 'queue']));
    expect(wrongType).toMatchObject({ ok: false, reason: 'Redis answered WRONGTYPE' });
    const unknown = await measure(probing(['NOSUCH', 'stored-value']));
    expect(unknown).toMatchObject({ ok: false, reason: 'Redis answered ERR' });
  });

  test('says that the password was refused, and does not quote it', async () => {
    const url = redis.url.replace('redis://', 'redis://:marked-password-1f9@');
    await admin.config('SET', 'requirepass', 'the-right-one');
    try {
      const sample = await measure(probing(['PING'], { url }));
      expect(sample).toMatchObject({
        ok: false,
        reason: 'Redis answered WRONGPASS: the password was refused',
      });
      const without = await measure(probing(['PING']));
      expect(without).toMatchObject({ ok: false, reason: 'Redis answered NOAUTH: it asks for a password' });
    } finally {
      await admin.config('SET', 'requirepass', '');
    }
  });

  test.each([
    ['a server that is down', 'redis://127.0.0.1:1', 'connection refused'],
    [
      'a host without an address',
      'redis://nowhere.invalid',
      /^host name (not found|could not be looked up)$/,
    ],
    ['what is no address', '127.0.0.1:6379', /^the url is not a valid Redis address/],
  ])('says why it failed for %s', async (_, url, reason) => {
    expect(await measure(probing(['PING'], { url }))).toMatchObject({
      ok: false,
      reason: expect.stringMatching(reason),
    });
  });

  test('fails when the server hangs up, and does not try for ever', async () => {
    let accepted = 0;
    const server = createServer((socket) => {
      accepted++;
      socket.on('error', () => {});
      socket.end();
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    try {
      const url = `redis://127.0.0.1:${(server.address() as AddressInfo).port}`;
      const sample = await measure(probing(['PING'], { url }));
      expect(sample.ok).toBe(false);
      expect(sample.reason).toMatch(/closed|reset/);
      expect(accepted).toBe(1);
    } finally {
      server.close();
    }
  });
});
