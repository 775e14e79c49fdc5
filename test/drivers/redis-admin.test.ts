import { Redis } from 'ioredis';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { FaultlineError } from '../../src/core/errors.ts';
import type { FaultSpec } from '../../src/core/fault.ts';
import type { LeasedDriver } from '../../src/drivers/leased/index.ts';
import { connectRedisAdmin } from '../../src/drivers/redis-admin/index.ts';
import { describeWithRedis, type Service, startRedis } from '../support/services.ts';
import { until } from '../support/until.ts';

let service: Service;
let driver: LeasedDriver;
const clients: Redis[] = [];

const fault = (type: string, attributes = {}, more: Partial<FaultSpec> = {}): FaultSpec => ({
  id: '1.1',
  proxy: 'cache',
  type,
  attributes,
  ...more,
});
const apply = (faults: readonly FaultSpec[], lease = '10s') =>
  driver.apply({ run: 'r', epoch: 1, lease, seed: 1, faults });
const refused = async (call: Promise<unknown>) =>
  call.then(
    () => ({ code: 'no error', message: '' }),
    ({ code, message }: FaultlineError) => ({ code, message }),
  );

/** A client of the system under test, which does not come back. */
async function client(connectionName: string): Promise<Redis> {
  const connected = new Redis(service.url, {
    connectionName,
    retryStrategy: () => null,
    maxRetriesPerRequest: 0,
  });
  connected.on('error', () => {});
  await connected.ping();
  clients.push(connected);
  return connected;
}
const ended = (one: Redis) => one.status === 'end';
/** Whether a command is still unanswered after a moment; the answer waits on. */
async function waits(call: Promise<unknown>, ms = 200): Promise<boolean> {
  return Promise.race([
    call.then(() => false),
    new Promise<boolean>((resolve) => setTimeout(() => resolve(true), ms)),
  ]);
}

describeWithRedis('redis-admin', () => {
  beforeAll(async () => {
    service = await startRedis();
  }, 60_000);
  beforeEach(() => {
    driver = connectRedisAdmin({ name: 'cache', url: service.url });
  });
  afterEach(async () => {
    await driver.close().catch(() => {});
    for (const one of clients.splice(0)) one.disconnect();
  });
  afterAll(() => service?.stop());

  describe('redis_client_kill', () => {
    test('closes the clients that its filter names, counts them, and leaves the others', async () => {
      const [api, worker] = [await client('api-1'), await client('worker')];
      const { faults } = await apply([fault('redis_client_kill', { name: 'api-*' })]);
      expect(faults).toMatchObject([{ matched: 1, injected: 1 }]);
      await until('it is closed', () => ended(api));
      expect(await worker.ping()).toBe('PONG');
    });

    test('takes the share that the toxicity names', async () => {
      const all = await Promise.all(Array.from({ length: 8 }, () => client('pool')));
      const { faults } = await apply([fault('redis_client_kill', { name: 'pool' }, { toxicity: 0.5 })]);
      expect(faults).toMatchObject([{ matched: 8, injected: 4, skipped: { toxicity: 4 } }]);
      await until('half are closed', () => all.filter(ended).length === 4);
    });

    test('tells subscribers from others, and one client from another by id', async () => {
      const [plain, subscriber] = [await client('a'), await client('a')];
      await subscriber.subscribe('news');
      await apply([fault('redis_client_kill', { type: 'pubsub' })]);
      await until('the subscriber is closed', () => ended(subscriber));
      const id = Number(await plain.client('ID'));
      const other = await client('a');
      await driver.apply({
        run: 'r',
        epoch: 2,
        lease: '10s',
        seed: 1,
        faults: [fault('redis_client_kill', { id })],
      });
      await until('it is closed', () => ended(plain));
      expect(await other.ping()).toBe('PONG');
    });

    test('never closes a connection of Faultline, and does it again and again until it is taken back', async () => {
      const probe = await client('faultline-probe');
      await apply([fault('redis_client_kill', { every: 50 })]);
      for (let round = 0; round < 2; round++) {
        const victim = await client(`v${round}`).catch(() => undefined);
        await until('it is closed', () => !victim || ended(victim));
      }
      await driver.empty();
      expect(await probe.ping()).toBe('PONG');
      expect(await (await client('later')).ping()).toBe('PONG');
    });
  });

  describe('redis_client_pause', () => {
    test('makes what may write wait and lets reading pass, until it is taken back', async () => {
      const app = await client('app');
      await apply([fault('redis_client_pause')]);
      const writing = app.set('k', 'v');
      expect(await waits(writing)).toBe(true);
      expect(await (await client('reader')).get('k')).toBeNull();
      await driver.empty();
      expect(await writing).toBe('OK');
    });

    test('makes everything wait past its slices, and lets it go soon after it is taken back', async () => {
      const app = await client('app');
      await apply([fault('redis_client_pause', { mode: 'all' })]);
      const began = performance.now();
      const answer = app.ping();
      expect(await waits(answer, 1800)).toBe(true);
      const state = await driver.empty();
      expect(state).toMatchObject({ faults: [], previous: { faults: [{ injected: 1 }] } });
      expect(await answer).toBe('PONG');
      expect(performance.now() - began).toBeGreaterThan(1800);
      expect((await driver.state()).faults).toEqual([]);
    });

    test.each(['write', 'all'])('of %s ends by itself with its lease', async (mode) => {
      const app = await client('app');
      await apply([fault('redis_client_pause', { mode })], '1s');
      expect(await app.set('k', 'v')).toBe('OK');
    });
  });

  describe('what the server or its user cannot do is refused before anything is changed', () => {
    test.each([
      ['redis_client_kill', 'kill', '+client -client|kill', /may not run CLIENT KILL/],
      ['redis_client_pause', 'pause', '+client -client|pause', /may not run CLIENT PAUSE/],
    ])('%s without the right to', async (type, user, rules, sentence) => {
      const admin = await client('admin');
      await admin.call(
        'ACL',
        'SETUSER',
        user,
        'on',
        '>secret',
        '~*',
        '+@connection',
        '+acl',
        '+command',
        ...rules.split(' '),
      );
      const url = new URL(service.url);
      url.username = user;
      url.password = 'secret';
      const other = connectRedisAdmin({ name: 'cache', url: url.href });
      const { code, message } = await refused(other.check([fault(type)]));
      expect(code).toBe('DRIVER_REFUSED');
      expect(message).toMatch(sentence);
      await other.close();
    });

    test('half a pause, and a fault of another kind', async () => {
      expect((await refused(driver.check([fault('redis_client_pause', {}, { toxicity: 0.5 })]))).code).toBe(
        'DRIVER_CANNOT',
      );
      expect((await refused(driver.check([fault('pg_terminate')]))).message).toMatch(
        /knows only redis_client_kill/,
      );
    });

    test('a server that is not there, without telling its address', async () => {
      const other = connectRedisAdmin({ name: 'cache', url: 'redis://:hunter2@127.0.0.1:9' });
      const { code, message } = await refused(other.check([fault('redis_client_kill')]));
      expect(code).toBe('DRIVER_UNREACHABLE');
      expect(message).not.toMatch(/hunter2|127/);
      await other.close();
    });
  });

  test('a server that has ended pauses nobody', async () => {
    const own = await startRedis();
    const beside = connectRedisAdmin({ name: 'cache', url: own.url });
    const faults = [fault('redis_client_pause')];
    await beside.apply({ run: 'r', epoch: 1, lease: '5m', seed: 1, faults });
    await own.stop();
    await beside.empty();
    expect((await beside.state()).faults).toEqual([]);
    expect(beside.remark?.()).toMatch(/^its server has ended/);
    await beside.close();
  });
});
