import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { lacksTool } from '../support/services.ts';
import { type RedisStage, startRedisStage } from './redis-stage.ts';

const run = promisify(execFile);

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
      const { stdout, stderr } = await run('redis-cli', ['-p', String(stage.port), ...words]);
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
  },
);
