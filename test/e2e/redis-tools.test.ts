import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { connect } from 'node:net';
import { promisify } from 'node:util';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { request } from '../../src/protocols/redis/write.ts';
import { lacksTool } from '../support/services.ts';
import { type RedisStage, startRedisStage } from './redis-stage.ts';

const run = promisify(execFile);
const CLI = 'redis-cli';

describe.skipIf(lacksTool('redis-cli') || lacksTool('redis-benchmark') || lacksTool('redis-server'))(
  "Redis's own tools behind the proxy",
  () => {
    let stage: RedisStage;

    beforeAll(async () => {
      stage = await startRedisStage();
    });
    afterAll(() => stage.close());
    beforeEach(() => stage.empty());

    const cli = async (...words: string[]) => {
      const { stdout, stderr } = await run(CLI, ['-p', String(stage.port), ...words]);
      return `${stdout}${stderr}`.trim();
    };

    test('redis-cli sees the values of the server and the errors of a fault', async () => {
      expect(await cli('SET', 'k', 'v')).toBe('OK');
      expect(await cli('-3', 'GET', 'k')).toBe('v');
      stage.inject('redis_error', { reply: 'LOADING Redis is loading the dataset in memory' }, { key: 'k' });
      expect(await cli('GET', 'k')).toBe('LOADING Redis is loading the dataset in memory');
      expect(await cli('-3', 'GET', 'other')).toBe('');
    });

    test('redis-benchmark in deep pipelines gets every answer, with and without a fault', async () => {
      const requests = 4800;
      const benchmark = async () => {
        const args = [
          '-p',
          String(stage.port),
          '-c',
          '10',
          '-P',
          '16',
          '-n',
          String(requests),
          '-t',
          'set,get,lpush',
        ];
        return (await run('redis-benchmark', [...args, '-q'])).stdout;
      };
      const { units } = stage.observed();
      expect(await benchmark()).toMatch(/GET: [\d.]+ requests per second/);
      expect(stage.observed().units - units).toBeGreaterThanOrEqual(3 * requests);
      stage.inject('redis_nil');
      expect(await benchmark()).toMatch(/GET: [\d.]+ requests per second/);
      expect(stage.counts().injected).toBe(requests);
      expect(stage.observed().status.ok).toMatchObject({ injected: requests });
    });

    test('redis-benchmark in deep pipelines keeps its order through delays', async () => {
      stage.inject('redis_latency', { latency: 2, jitter: 2 }, { every: 7 });
      const args = [
        '-p',
        String(stage.port),
        '-c',
        '5',
        '-P',
        '16',
        '-n',
        '1600',
        '-t',
        'get,incr,lrange_100',
        '-q',
      ];
      expect((await run('redis-benchmark', args)).stdout).toMatch(
        /LRANGE_100[^\n]*: [\d.]+ requests per second/,
      );
      expect(stage.counts().injected).toBeGreaterThan(400);
    });

    test('redis-cli --pipe counts each error and each answer', async () => {
      stage.inject('redis_error', { reply: 'OOM command not allowed' }, { key: 'pipe:*7' });
      const child = spawn(CLI, ['-p', String(stage.port), '--pipe']);
      let told = '';
      child.stdout.setEncoding('utf8').on('data', (text: string) => {
        told += text;
      });
      for (let number = 0; number < 2000; number++)
        child.stdin.write(request('SET', `pipe:${number}`, 'x'.repeat(50)));
      child.stdin.end();
      await once(child, 'close');
      expect(told).toContain('errors: 200, replies: 2000');
      expect(await stage.direct.exists('pipe:6', 'pipe:7')).toBe(1);
    });

    test('inline commands are answered in their places', async () => {
      stage.inject('redis_error', { reply: 'BUSY' }, { key: 'two words' });
      const socket = connect(stage.port, '127.0.0.1');
      socket.write('SET plain 1\r\nGET "two words"\nPING\r\n');
      let seen = '';
      for await (const chunk of socket.setEncoding('latin1')) {
        seen += chunk;
        if (seen.endsWith('+PONG\r\n')) break;
      }
      expect(seen).toBe('+OK\r\n-BUSY\r\n+PONG\r\n');
    });
  },
);
