import http from 'node:http';
import { setTimeout as wait } from 'node:timers/promises';
import type { Figure, Front, Workload } from '../contract.ts';
import { startChild } from '../processes/child.ts';
import { closeAll, interleave, openAll, quantile } from '../rounds.ts';
import { direct } from '../ways/direct.ts';
import { FAULTLINE } from '../ways/faultline.ts';
import { haproxy } from '../ways/haproxy.ts';
import { bareHttpProxy } from '../ways/http-proxy.ts';

const STREAMS = 200;
/** A model that writes 25 tokens a second. */
const EVERY_MS = 40;

export const streams: Workload = {
  name: 'streams',
  title: `Server-sent events, ${STREAMS} streams at once`,
  how: `an event each ${EVERY_MS} ms on each stream; from its sending to its receipt, less what it takes without a proxy`,
  aims: [{ figure: 'added p99', way: FAULTLINE, to: 'http-proxy', atMost: 1.1 }],
  async run(bench) {
    const server = await startChild('http-server');
    const ways = [direct, haproxy, bareHttpProxy, bench.faultline({ name: FAULTLINE })];
    const fronts = await openAll(ways, server.port, { http: true });
    try {
      const figures = await interleave(bench, fronts, { p50: 'µs', p99: 'µs' }, async (front, seconds) => {
        const delays = await listen(front, seconds * 1.5);
        return { p50: quantile(delays, 0.5), p99: quantile(delays, 0.99) };
      });
      return [...figures, ...figures.map(added)];
    } finally {
      await closeAll(fronts);
      await server.close();
    }
  },
};

/** Delays of all events that came after all streams were open, in µs. */
async function listen({ port }: Front, seconds: number): Promise<readonly number[]> {
  const delays: number[] = [];
  const agent = new http.Agent({ maxSockets: Number.POSITIVE_INFINITY });
  let counting = false;
  const opened = Array.from({ length: STREAMS }, async () => {
    // Not all in the same millisecond: streams of different users have nothing to do with each other.
    await wait(Math.random() * EVERY_MS);
    const request = http.get({ port, host: '127.0.0.1', path: `/events?every=${EVERY_MS}`, agent });
    request.on('error', () => {});
    await new Promise<void>((resolve) => {
      request.once('response', (response) => {
        resolve();
        response.on('error', () => {});
        response.on('data', (chunk: Buffer) => {
          const now = process.hrtime.bigint();
          if (!counting) return;
          for (const [, sent] of chunk.toString().matchAll(/"sent":(\d+)/g))
            delays.push(Number(now - BigInt(sent!)) / 1000);
        });
      });
    });
    return request;
  });
  const requests = await Promise.all(opened);
  // What opening them all at once has held up is not what a running stream sees.
  await wait(300);
  counting = true;
  await wait(seconds * 1000);
  for (const request of requests) request.destroy();
  agent.destroy();
  await wait(50);
  return delays;
}

function added({ name, unit, values }: Figure): Figure {
  const without = values.get('direct') ?? 0;
  const rest = [...values].filter(([way]) => way !== 'direct');
  return { name: `added ${name}`, unit, values: new Map(rest.map(([way, value]) => [way, value - without])) };
}
