import { once } from 'node:events';
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Redis } from 'ioredis';
import { afterEach, expect, test } from 'vitest';
import { type LoadRun, startLoad } from '../../src/load/index.ts';
import { describeWithRedis, startRedis } from '../support/services.ts';
import { until } from '../support/until.ts';
import { request, scenario, stage, trafficOf } from './support/traffic.ts';

const ending: (() => Promise<unknown> | unknown)[] = [];
afterEach(async () => {
  for (const end of ending.splice(0).reverse()) await end();
});

function started(load: LoadRun): LoadRun {
  ending.push(() => load.stop().catch(() => {}));
  return load;
}

test('what waits behind a stalled target counts from the moment at which it was due', async () => {
  const held: ServerResponse[] = [];
  let stalls = true;
  let since = 0;
  const server = createServer((_, response) => {
    since ||= performance.now();
    if (stalls) held.push(response);
    else response.end('ok');
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  ending.push(() => {
    server.closeAllConnections();
    server.close();
  });

  const load = started(
    startLoad({
      target: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
      connections: 2,
      rate: 50,
      requests: [],
      traffic: trafficOf({ stages: [stage({ counts: 'rate' }, 50)], timeoutMs: 60_000 }),
    }),
  );
  await until('thirty are due', async () => (await load.seen()).traffic!.underWay.requests >= 30);
  // A load that waits for answers has asked twice by now, and would call these two its slow ones.
  expect(held).toHaveLength(2);
  const stopped = load.stop(60_000);
  const stall = performance.now() - since;
  stalls = false;
  for (const response of held) response.end('ok');

  const { total, underWay } = (await stopped).traffic!;
  expect(underWay.requests).toBe(0);
  expect(total.failed).toBe(0);
  expect(total.requests).toBeGreaterThanOrEqual(30);
  // They came evenly during the stall, so that half of them waited for half of it or longer.
  expect(total.max!).toBeGreaterThanOrEqual(stall * 0.95);
  expect(total.p50!).toBeGreaterThan(stall / 4);
});

describeWithRedis('a load on a Redis', () => {
  test('has a connection for each user, and sees error replies', async () => {
    const service = await startRedis();
    ending.push(() => service.stop());
    const load = started(
      startLoad({
        target: service.url,
        connections: 5,
        rate: 50,
        requests: [],
        traffic: trafficOf({
          stages: [stage({ counts: 'users' }, 5)],
          thinkMs: { from: 50, to: 50 },
          scenarios: [
            scenario('write', request('/', { command: ['SET', 'load:{user}', '{text:10B}'] })),
            scenario('wrong', request('/', { command: ['HGET', 'load:{user}'] })),
          ],
        }),
      }),
    );
    const redis = new Redis(service.url);
    ending.push(() => redis.disconnect());
    await until('all users have written', async () => (await redis.keys('load:*')).length === 5);
    expect(await redis.get('load:0')).toBe('the quick ');
    const clients = (await redis.client('LIST')) as string;
    expect(clients.trim().split('\n')).toHaveLength(6);
    await until('both were tried', async () => (await load.seen()).traffic!.scenarios.wrong!.requests > 5);
    const { scenarios } = (await load.stop(5000)).traffic!;
    expect(scenarios.write!.failed).toBe(0);
    expect(scenarios.wrong!.errorRate).toBe(1);
  });
});
