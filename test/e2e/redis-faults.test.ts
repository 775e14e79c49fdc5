import type { Redis } from 'ioredis';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { describeWithRedis } from '../support/services.ts';
import { until } from '../support/until.ts';
import { type RedisStage, startRedisStage } from './redis-stage.ts';

type Answers = readonly (readonly [error: Error | null, value: unknown])[];

/** Values and messages of errors, in the order of the pipeline. */
function told(answers: Answers | null): unknown[] {
  return (answers ?? []).map(([error, value]) => (error ? error.message : value));
}

describeWithRedis('a Redis client behind the proxy', () => {
  let stage: RedisStage;

  beforeAll(async () => {
    stage = await startRedisStage();
  });
  afterAll(() => stage.close());
  beforeEach(() => stage.direct.flushall());
  afterEach(() => stage.empty());

  describe.each([3, 2] as const)('in RESP%i', (protocol) => {
    let redis: Redis;

    beforeEach(async () => {
      redis = await stage.client({ protocol });
    });
    afterEach(() => redis.disconnect());

    /** Whether each later answer belongs to its command. */
    async function expectInStep(): Promise<void> {
      const pipeline = redis.pipeline();
      for (let number = 0; number < 20; number++)
        pipeline.set(`step:${number}`, number).get(`step:${number}`);
      const answers = told(await pipeline.exec());
      expect(answers).toEqual(Array.from({ length: 20 }, (_, number) => ['OK', `${number}`]).flat());
    }

    test('goes through pipelines, transactions, big values and blocking commands unharmed', async () => {
      await expectInStep();
      const big = Buffer.alloc(3_000_000, 'é\r\n$5\r\n');
      await redis.set('big', big);
      expect(Buffer.compare((await redis.getBuffer('big'))!, big)).toBe(0);
      const results = await redis.multi().set('a', '1').incr('a').hset('h', 'f', 'v').hgetall('h').exec();
      expect(told(results)).toEqual(['OK', 2, 1, { f: 'v' }]);
      const other = await stage.client({ protocol });
      const popped = redis.blpop('list', 5);
      await until('the client is blocked', async () =>
        /blocked_clients:1/.test(await stage.direct.info('clients')),
      );
      await other.rpush('list', 'x');
      expect(await popped).toEqual(['list', 'x']);
      other.disconnect();
    });

    test('keeps step while it is subscribed', async () => {
      const seen: string[] = [];
      redis.on('message', (channel, message) => seen.push(`${channel} ${message}`));
      redis.on('pmessage', (pattern, channel, message) => seen.push(`${pattern} ${channel} ${message}`));
      expect(await redis.subscribe('a', 'b')).toBe(2);
      expect(await redis.psubscribe('n*')).toBe(3);
      await stage.direct.publish('a', '1');
      await stage.direct.publish('news', '2');
      await until('both messages came', () => seen.length === 2);
      expect(await redis.unsubscribe('a', 'b')).toBe(1);
      expect(await redis.punsubscribe('n*')).toBe(0);
      expect(seen).toEqual(['a 1', 'n* news 2']);
      await expectInStep();
    });

    test('redis_error takes the place of one answer in a pipeline', async () => {
      await redis.set('k', 'v');
      stage.inject(
        'redis_error',
        { reply: "READONLY You can't write against a read only replica." },
        { command: 'SET' },
      );
      const answers = await redis
        .pipeline()
        .get('k')
        .set('k', 'w')
        .get('k')
        .incr('n')
        .set('l', 'w')
        .get('k')
        .exec();
      const refused = "READONLY You can't write against a read only replica.";
      expect(told(answers)).toEqual(['v', refused, 'v', 1, refused, 'v']);
      expect(await stage.direct.exists('l')).toBe(0);
      expect(stage.counts()).toEqual({ matched: 2, injected: 2, skipped: {} });
      const { status } = stage.observed();
      expect(status).toMatchObject({
        READONLY: { organic: 0, injected: 2 },
        ok: { organic: 4, injected: 0 },
      });
      stage.empty();
      await expectInStep();
    });

    test('redis_error in a transaction aborts it, as the server would', async () => {
      stage.inject('redis_error', { reply: 'OOM command not allowed' }, { command: 'incr' });
      const answers = await Promise.allSettled([
        redis.multi({ pipeline: false }),
        redis.set('a', '1'),
        redis.incr('a'),
        redis.set('b', '1'),
        redis.exec(),
      ]);
      expect(answers.map((answer) => ('value' in answer ? answer.value : answer.reason.message))).toEqual([
        'OK',
        'QUEUED',
        'OOM command not allowed',
        'QUEUED',
        'EXECABORT Transaction discarded because of previous errors.',
      ]);
      expect(await stage.direct.exists('a', 'b')).toBe(0);
      expect(stage.observed().status).toMatchObject({
        OOM: { organic: 0, injected: 1 },
        EXECABORT: { organic: 0, injected: 1 },
      });
      stage.empty();
      await expectInStep();
    });

    test('redis_error on EXEC discards the transaction, and leaves no one inside it', async () => {
      stage.inject('redis_error', { reply: 'MISCONF disk' }, { command: 'EXEC' });
      await redis.multi({ pipeline: false });
      await redis.set('a', '1');
      await expect(redis.exec()).rejects.toThrow('EXECABORT Transaction discarded because of: MISCONF disk');
      expect(await redis.set('b', '1')).toBe('OK');
      expect(await stage.direct.mget('a', 'b')).toEqual([null, '1']);
      await expectInStep();
    });

    test('redis_nil makes reads miss and leaves writes alone', async () => {
      await redis.set('k', 'v');
      await redis.hset('h', { f: '1', g: '2' });
      stage.inject('redis_nil');
      const answers = await redis
        .pipeline()
        .get('k')
        .set('k', 'w')
        .mget('k', 'k', 'x')
        .hmget('h', 'f', 'g')
        .hgetall('h')
        .exists('k')
        .smembers('s')
        .lrange('l', 0, -1)
        .ttl('k')
        .exec();
      expect(told(answers)).toEqual([null, 'OK', [null, null, null], [null, null], {}, 0, [], [], -2]);
      expect(await stage.direct.get('k')).toBe('w');
      expect(stage.counts()).toMatchObject({ matched: 8, injected: 8 });
      stage.empty();
      await expectInStep();
    });

    test('redis_nil with a key misses the items of that key only', async () => {
      await redis.mset('k', 'v', 'hot:1', 'a', 'hot:2', 'b');
      stage.inject('redis_nil', {}, { key: 'hot:*' });
      const mget = ['k', 'hot:1', 'x', 'k', 'hot:2'] as const;
      const answers = await redis
        .pipeline()
        .mget(...mget)
        .get('k')
        .mget('hot:1', 'hot:2')
        .mget('k', 'k')
        .exec();
      expect(told(answers)).toEqual([['v', null, null, 'v', null], 'v', [null, null], ['v', 'v']]);
      const inside = await redis
        .multi()
        .get('k')
        .mget(...mget)
        .set('k', 'w')
        .mget('hot:2', 'k')
        .get('hot:1')
        .exec();
      expect(told(inside)).toEqual(['v', ['v', null, null, 'v', null], 'OK', [null, 'w'], null]);
      expect(stage.counts()).toEqual({ matched: 5, injected: 5, skipped: {} });
      stage.empty();
      await expectInStep();
    });

    test('redis_nil in a transaction changes the results of its reads only', async () => {
      await redis.set('k', 'v');
      await redis.rpush('l', 'a', 'b');
      stage.inject('redis_nil');
      const answers = await redis.multi().get('k').set('k', 'w').lrange('l', 0, -1).incr('n').get('k').exec();
      expect(told(answers)).toEqual([null, 'OK', [], 1, null]);
      expect(stage.counts()).toEqual({ matched: 3, injected: 3, skipped: {} });
      await redis.watch('k');
      await stage.direct.set('k', 'changed');
      expect(await redis.multi().get('k').exec()).toBeNull();
      expect(stage.counts()).toEqual({ matched: 4, injected: 3, skipped: { 'transaction discarded': 1 } });
      stage.empty();
      await expectInStep();
    });

    test('redis_lost_ack does what it was asked to and never says so', async () => {
      stage.inject('redis_lost_ack', {}, { command: 'INCR' });
      const before = redis.set('before', '1');
      const lost = expect(redis.incr('n')).rejects.toThrow('Connection is closed.');
      expect(await before).toBe('OK');
      await lost;
      expect(await stage.direct.get('n')).toBe('1');
      expect(stage.counts()).toEqual({ matched: 1, injected: 1, skipped: {} });
      expect(stage.observed().status).toMatchObject({ error: { organic: 0, injected: 1 } });
    });

    test('redis_kill ends the connection after all that came before was answered', async () => {
      stage.inject('redis_kill', {}, { command: 'incr' });
      const before = [redis.set('before', '1'), redis.get('before')];
      redis.incr('n').catch(() => {});
      redis.set('after', '1').catch(() => {});
      expect(await Promise.all(before)).toEqual(['OK', '1']);
      await until('the connection is gone', () => redis.status === 'end');
      expect(await stage.direct.exists('n', 'after')).toBe(0);
      expect(stage.counts()).toEqual({ matched: 1, injected: 1, skipped: {} });
    });

    test('redis_latency delays a pipeline once, keeps its order, and lets go at once', async () => {
      stage.inject('redis_latency', { latency: 150 }, { command: 'GET' });
      const start = performance.now();
      const answers = await redis.pipeline().set('k', '1').get('k').set('k', '2').get('k').exec();
      expect(told(answers)).toEqual(['OK', '1', 'OK', '2']);
      expect(performance.now() - start).toBeGreaterThan(140);
      expect(stage.observed().latency.injected).not.toBe('');
      stage.inject('redis_latency', { latency: 60_000 });
      const held = redis.get('k');
      await until('a command is held', () => stage.observed().held.open > 0);
      stage.empty();
      expect(await held).toBe('2');
      await expectInStep();
    });

    test('faults are narrowed by key, in scripts too', async () => {
      stage.inject('redis_error', { reply: 'BUSY' }, { key: 'bull:*' });
      const script = "return redis.call('SET', KEYS[1], 1)";
      const answers = await redis
        .pipeline()
        .set('k', '1')
        .eval(script, 1, 'bull:mail:wait')
        .eval(script, 1, 'other')
        .del('a', 'bull:x')
        .exec();
      expect(told(answers)).toEqual(['OK', 'BUSY', 'OK', 'BUSY']);
      expect(stage.counts().matched).toBe(2);
    });
  });

  test('handshakes are left alone unless a fault names them', async () => {
    stage.inject('redis_error', { reply: 'LOADING' }, { command: '*' });
    const redis = await stage.client();
    await expect(redis.get('k')).rejects.toThrow('LOADING');
    redis.disconnect();
    stage.inject('redis_error', { reply: 'NOAUTH Authentication required.' }, { command: 'HELLO' });
    await expect(stage.client()).rejects.toThrow();
    expect(stage.counts().injected).toBeGreaterThanOrEqual(1);
  });

  test('a fault enters and leaves a live connection between two commands', async () => {
    const redis = await stage.client();
    await redis.set('k', '1');
    for (let round = 0; round < 20; round++) {
      stage.inject('redis_error', { reply: 'BUSY' });
      const refused = redis.get('k');
      await expect(refused).rejects.toThrow('BUSY');
      stage.empty();
      expect(await redis.get('k')).toBe('1');
    }
  });

  test('MONITOR goes through, and a fault stays in place there', async () => {
    const redis = await stage.client();
    const monitor = await redis.monitor();
    const seen: string[] = [];
    monitor.on('monitor', (_, args) => seen.push(args.join(' ')));
    stage.inject('redis_error', { reply: 'BUSY' });
    await stage.direct.set('watched', '1');
    await until('the monitor tells of it', () => seen.includes('set watched 1'));
    expect(stage.counts().skipped).toEqual({});
    monitor.disconnect();
  });

  test('blocking commands do not count as latency, and what waits behind them neither', async () => {
    const redis = await stage.client();
    stage.inject('redis_error', { reply: 'BUSY' }, { command: 'nothing' });
    const popped = redis.blpop('never', 0.3);
    const after = redis.get('k');
    await Promise.all([popped, after]);
    const { status, units } = stage.observed();
    expect(units).toBe(2);
    expect(status.ok).toEqual({ organic: 2, injected: 0 });
  });
});
