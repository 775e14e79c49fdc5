import { type Service, startPostgres } from '../../src/sandbox/services/postgres.ts';
import type { Bench, Workload } from '../contract.ts';
import { closeAll, interleave, openAll } from '../rounds.ts';
import { direct } from '../ways/direct.ts';
import { FAULTLINE } from '../ways/faultline.ts';
import { haproxy } from '../ways/haproxy.ts';
import { toxiproxy } from '../ways/toxiproxy.ts';
import { hasAll, output } from './tools.ts';

const AWARE = 'postgres, no fault';
const IDLE_FAULT = 'postgres, a fault that matches nothing';

export const postgres: Workload = {
  name: 'postgres',
  title: 'Postgres, 16 connections',
  how: '`pgbench -S -c 16` on a real Postgres; transactions a second',
  aims: [
    { figure: 'select', way: FAULTLINE, to: 'haproxy', atLeast: 0.95 },
    { figure: 'select', way: AWARE, to: FAULTLINE, atLeast: 0.9 },
    { figure: 'select', way: IDLE_FAULT, to: FAULTLINE, atLeast: 0.7 },
  ],
  async run(bench) {
    if (!hasAll(bench, 'pgbench')) return undefined;
    const password = 'bench';
    const server = await startPostgres({ password });
    try {
      await pgbench(server.port, password, '-i', '-q', '-s', '1');
      return await measure(bench, server, password);
    } finally {
      await server.stop();
    }
  },
};

async function measure(bench: Bench, server: Service, password: string) {
  const fronts = await openAll(
    [
      direct,
      haproxy,
      toxiproxy,
      bench.faultline({ name: FAULTLINE }),
      bench.faultline({ name: AWARE, protocol: 'postgres' }),
      bench.faultline({
        name: IDLE_FAULT,
        protocol: 'postgres',
        faults: [{ type: 'pg_latency', match: { sql: 'no such table' }, attributes: { latency: 100 } }],
      }),
    ],
    server.port,
  );
  try {
    return await interleave(bench, fronts, { select: '/s' }, async ({ port }, seconds) => {
      const text = await pgbench(
        port,
        password,
        ...['-S', '-n', '-c', '16', '-T', String(Math.max(1, Math.round(seconds)))],
      );
      return { select: Number(/tps = ([\d.]+)/.exec(text)?.[1] ?? Number.NaN) };
    });
  } finally {
    await closeAll(fronts);
  }
}

function pgbench(port: number, password: string, ...options: readonly string[]): Promise<string> {
  const where = ['-h', '127.0.0.1', '-p', String(port), '-U', 'postgres'];
  return output('pgbench', [...options, ...where, 'sandbox'], { PGPASSWORD: password, PGSSLMODE: 'disable' });
}
