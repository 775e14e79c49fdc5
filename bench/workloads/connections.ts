import { startRedis } from '../../src/sandbox/services/redis.ts';
import type { Workload } from '../contract.ts';
import { closeAll, interleave, openAll } from '../rounds.ts';
import { direct } from '../ways/direct.ts';
import { FAULTLINE } from '../ways/faultline.ts';
import { haproxy } from '../ways/haproxy.ts';
import { toxiproxy } from '../ways/toxiproxy.ts';
import { redisBenchmark } from './redis.ts';
import { hasAll } from './tools.ts';

export const connections: Workload = {
  name: 'connections',
  title: 'New connections',
  how: '`redis-benchmark -t get -c 50 -k 0`: a connection for each request; connections a second',
  aims: [
    { figure: 'connections', way: FAULTLINE, to: 'haproxy', atLeast: 0.4 },
    { figure: 'connections', way: FAULTLINE, to: 'toxiproxy', atLeast: 1.6 },
  ],
  async run(bench) {
    if (!hasAll(bench, 'redis-server', 'redis-benchmark')) return undefined;
    const server = await startRedis();
    const ways = [direct, haproxy, toxiproxy, bench.faultline({ name: FAULTLINE })];
    const fronts = await openAll(ways, server.port);
    try {
      return await interleave(bench, fronts, { connections: '/s' }, async ({ port }, seconds) => ({
        connections: await redisBenchmark(
          port,
          ...['-c', '50', '-k', '0', '-n', String(Math.round(8000 * seconds))],
        ),
      }));
    } finally {
      await closeAll(fronts);
      await server.stop();
    }
  },
};
