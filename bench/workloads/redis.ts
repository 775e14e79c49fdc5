import type { Service } from '../../src/sandbox/services/postgres.ts';
import { startRedis } from '../../src/sandbox/services/redis.ts';
import type { Bench, Front, Workload } from '../contract.ts';
import { closeAll, interleave, openAll } from '../rounds.ts';
import { direct } from '../ways/direct.ts';
import { FAULTLINE } from '../ways/faultline.ts';
import { haproxy } from '../ways/haproxy.ts';
import { toxiproxy } from '../ways/toxiproxy.ts';
import { hasAll, output } from './tools.ts';

const AWARE = 'redis, no fault';
const IDLE_FAULT = 'redis, a fault that matches nothing';
const DELAYED = 'latency 0';

export const redis: Workload = {
  name: 'redis',
  title: 'Redis GET, 50 connections',
  how: '`redis-benchmark -t get -c 50 -P 1` and `-P 16` on a real Redis; requests a second',
  aims: [
    { figure: 'pipeline 1', way: FAULTLINE, to: 'haproxy', atLeast: 0.85 },
    { figure: 'pipeline 16', way: FAULTLINE, to: 'haproxy', atLeast: 0.8 },
    { figure: 'pipeline 1', way: FAULTLINE, to: 'toxiproxy', atLeast: 1 },
    { figure: 'pipeline 16', way: FAULTLINE, to: 'toxiproxy', atLeast: 1 },
    { figure: 'pipeline 1', way: DELAYED, to: FAULTLINE, atLeast: 0.95 },
    { figure: 'pipeline 16', way: DELAYED, to: FAULTLINE, atLeast: 0.95 },
    { figure: 'pipeline 1', way: AWARE, to: FAULTLINE, atLeast: 0.9 },
    { figure: 'pipeline 16', way: AWARE, to: FAULTLINE, atLeast: 0.9 },
    { figure: 'pipeline 1', way: IDLE_FAULT, to: FAULTLINE, atLeast: 0.7 },
    { figure: 'pipeline 16', way: IDLE_FAULT, to: FAULTLINE, atLeast: 0.7 },
  ],
  async run(bench) {
    if (!hasAll(bench, 'redis-server', 'redis-benchmark')) return undefined;
    const server = await startRedis();
    try {
      return await measure(bench, server);
    } finally {
      await server.stop();
    }
  },
};

async function measure(bench: Bench, server: Service) {
  const fronts = await openAll(
    [
      direct,
      haproxy,
      toxiproxy,
      bench.faultline({ name: FAULTLINE }),
      bench.faultline({
        name: DELAYED,
        faults: [{ type: 'latency', stream: 'downstream', attributes: { latency: 0 } }],
      }),
      bench.faultline({ name: AWARE, protocol: 'redis' }),
      bench.faultline({
        name: IDLE_FAULT,
        protocol: 'redis',
        faults: [{ type: 'redis_latency', match: { command: 'SUBSCRIBE' }, attributes: { latency: 100 } }],
      }),
    ],
    server.port,
  );
  const units = { 'pipeline 1': '/s', 'pipeline 16': '/s' };
  try {
    return await interleave(bench, fronts, units, async (front, seconds) => ({
      'pipeline 1': await requestsPerSecond(front, 1, Math.round(65_000 * seconds)),
      'pipeline 16': await requestsPerSecond(front, 16, Math.round(800_000 * seconds)),
    }));
  } finally {
    await closeAll(fronts);
  }
}

async function requestsPerSecond({ port }: Front, pipeline: number, requests: number): Promise<number> {
  return redisBenchmark(port, '-c', '50', '-P', String(pipeline), '-n', String(requests));
}

/** What `redis-benchmark` says of GET. */
export async function redisBenchmark(port: number, ...options: readonly string[]): Promise<number> {
  const csv = await output('redis-benchmark', ['-p', String(port), '-t', 'get', '--csv', ...options]);
  return Number(/^"GET","([\d.]+)"/m.exec(csv)?.[1] ?? Number.NaN);
}
