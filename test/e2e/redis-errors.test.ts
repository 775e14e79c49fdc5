import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { describeWithRedis } from '../support/services.ts';
import { until } from '../support/until.ts';
import { type RedisStage, startRedisStage } from './redis-stage.ts';

/** Errors as Redis words them. */
const ERRORS = [
  'LOADING Redis is loading the dataset in memory',
  "READONLY You can't write against a read only replica.",
  "OOM command not allowed when used memory > 'maxmemory'.",
  'MOVED 3999 127.0.0.1:6381',
  'ASK 3999 127.0.0.1:6381',
  'CLUSTERDOWN The cluster is down',
  'BUSY Redis is busy running a script. You can only call SCRIPT KILL or SHUTDOWN NOSAVE.',
  'NOSCRIPT No matching script. Please use EVAL.',
  "MASTERDOWN Link with MASTER is down and replica-serve-stale-data is set to 'no'.",
  'TRYAGAIN Multiple keys request during rehashing of slot',
];

describeWithRedis('what ioredis makes of an error of a fault', () => {
  let stage: RedisStage;

  beforeAll(async () => {
    stage = await startRedisStage();
  });
  afterAll(() => stage.close());
  beforeEach(() => stage.direct.flushall());
  afterEach(() => stage.empty());

  test.each(ERRORS)('%s: that command is rejected with it, and the connection goes on', async (reply) => {
    const redis = await stage.client();
    stage.inject('redis_error', { reply }, { key: 'refused' });
    const answers = await Promise.allSettled([
      redis.set('k', 'v'),
      redis.set('refused', 'v'),
      redis.get('refused'),
      redis.get('k'),
    ]);
    expect(answers.map((answer) => ('value' in answer ? answer.value : answer.reason.message))).toEqual([
      'OK',
      reply,
      reply,
      'v',
    ]);
    expect(redis.status).toBe('ready');
    expect(stage.observed().status[reply.split(' ')[0]!]).toEqual({ organic: 0, injected: 2 });
    expect(await stage.direct.exists('refused')).toBe(0);
  });

  test('READONLY: it reconnects and sends again where it was told to', async () => {
    const redis = await stage.client({
      retryStrategy: () => 10,
      maxRetriesPerRequest: 1,
      reconnectOnError: (error) => (error.message.startsWith('READONLY') ? 2 : false),
    });
    let closed = 0;
    redis.on('close', () => closed++);
    stage.inject('redis_error', { reply: ERRORS[1]! }, { command: 'SET', first: 1 });
    expect(await redis.set('k', 'v')).toBe('OK');
    expect(closed).toBe(1);
    expect(await stage.direct.get('k')).toBe('v');
  });

  test('NOSCRIPT: it sends the whole script in place of its hash', async () => {
    const redis = await stage.client();
    redis.defineCommand('twice', { numberOfKeys: 1, lua: "return redis.call('INCRBY', KEYS[1], 2)" });
    const { twice } = redis as unknown as { twice(key: string): Promise<number> };
    await twice.call(redis, 'n');
    stage.inject('redis_error', { reply: ERRORS[7]! }, { command: 'EVALSHA', first: 1 });
    expect(await twice.call(redis, 'n')).toBe(4);
    expect(stage.counts()).toMatchObject({ matched: 1, injected: 1 });
  });

  test('LOADING to its first question: it waits until the server is ready', async () => {
    stage.inject('redis_error', { reply: ERRORS[0]! }, { command: 'INFO', first: 2 });
    const redis = await stage.client({ lazyConnect: true, retryStrategy: () => 20 }).catch(() => undefined);
    await until('the server was asked twice', () => stage.counts().injected === 2);
    const patient = redis ?? (await stage.client());
    expect(await patient.set('k', 'v')).toBe('OK');
  });

  test('commands that are pipelined by themselves get each its own answer', async () => {
    const redis = await stage.client({ enableAutoPipelining: true });
    stage.inject('redis_error', { reply: 'BUSY' }, { key: '*3' });
    const numbers = Array.from({ length: 60 }, (_, index) => index);
    const answers = await Promise.allSettled(
      numbers.map(async (number) => {
        await redis.set(`k${number}`, number);
        return redis.get(`k${number}`);
      }),
    );
    expect(answers.map((answer) => ('value' in answer ? answer.value : answer.reason.message))).toEqual(
      numbers.map((number) => (number % 10 === 3 ? 'BUSY' : String(number))),
    );
  });
});
