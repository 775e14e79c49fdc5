import autocannon from 'autocannon';
import type { Bench, Figure, Front, Workload } from '../contract.ts';
import { startChild } from '../processes/child.ts';
import { closeAll, interleave, type Numbers, openAll } from '../rounds.ts';
import { direct } from '../ways/direct.ts';
import { FAULTLINE } from '../ways/faultline.ts';
import { haproxy } from '../ways/haproxy.ts';
import { bareHttpProxy } from '../ways/http-proxy.ts';

/** In force, and drawn for each request, none of which it hits. */
const MISSED = 'http, a fault that matches nothing';

export const httpSmall: Workload = {
  name: 'http-small',
  title: 'HTTP, bodies of 200 bytes',
  how: 'autocannon, 50 kept connections; requests a second',
  aims: [{ figure: 'requests', way: FAULTLINE, to: 'http-proxy', atLeast: 0.85 }],
  run: (bench) =>
    measure(bench, { requests: '/s' }, async (front, seconds) => ({
      requests: await load(front, '/small', 50, seconds),
    })),
};

export const httpLarge: Workload = {
  name: 'http-large',
  title: 'HTTP, bodies of 1 MiB',
  how: 'autocannon, 10 kept connections; bodies a second',
  aims: [],
  run: (bench) =>
    measure(bench, { bodies: 'MiB/s' }, async (front, seconds) => ({
      bodies: await load(front, '/large', 10, seconds),
    })),
};

async function measure(
  bench: Bench,
  units: Readonly<Record<string, string>>,
  one: (front: Front, seconds: number) => Promise<Numbers>,
): Promise<readonly Figure[]> {
  const server = await startChild('http-server');
  const missed = { type: 'http_error', match: { path: '/nowhere' }, attributes: { status: 503 } };
  const ways = [
    direct,
    haproxy,
    bareHttpProxy,
    bench.faultline({ name: FAULTLINE }),
    bench.faultline({ name: MISSED, faults: [missed] }),
  ];
  const fronts = await openAll(ways, server.port, { http: true });
  try {
    return await interleave(bench, fronts, units, one);
  } finally {
    await closeAll(fronts);
    await server.close();
  }
}

/** Whole answers a second. */
async function load({ port, way }: Front, path: string, connections: number, seconds: number) {
  const began = performance.now();
  const cannon = autocannon({ url: `http://127.0.0.1:${port}${path}`, connections, duration: 60 });
  setTimeout(() => (cannon as unknown as { stop(): void }).stop(), seconds * 1000);
  const { errors, non2xx, ...result } = await cannon;
  if (errors + non2xx > 0) throw new Error(`${way}: ${errors} errors and ${non2xx} answers that are not 2xx`);
  return result['2xx'] / ((performance.now() - began) / 1000);
}
