import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import net, { type Socket } from 'node:net';
import { setTimeout as wait } from 'node:timers/promises';
import type { Figure, Front, Workload } from '../contract.ts';
import { startChild } from '../processes/child.ts';
import { FAULTLINE } from '../ways/faultline.ts';
import { haproxy } from '../ways/haproxy.ts';
import { toxiproxy } from '../ways/toxiproxy.ts';

const COUNTS = [1000, 5000];

export const idle: Workload = {
  name: 'idle',
  title: 'Idle connections',
  how: 'resident memory that each connection adds after one byte each way, in a process that has just started',
  aims: COUNTS.map((count) => ({ figure: `${count} connections`, way: FAULTLINE, atMost: 20 })),
  async run(bench) {
    const server = await startChild('echo-server');
    const figures: Figure[] = [];
    try {
      for (const count of COUNTS) {
        const values = new Map<string, number>();
        for (const way of [haproxy, toxiproxy, bench.faultline({ name: FAULTLINE })]) {
          const front = await way.open(server.port, { fresh: true });
          if (!front) continue;
          values.set(front.way, await memoryOfEach(front, count));
          await front.close();
        }
        figures.push({ name: `${count} connections`, unit: 'KiB each', values });
      }
      return figures;
    } finally {
      await server.close();
    }
  },
};

async function memoryOfEach({ port, pid }: Front, count: number): Promise<number> {
  for (const socket of await open(port, 20)) socket.destroy();
  await wait(300);
  const before = residentKiB(pid!);
  const sockets = await open(port, count);
  await wait(500);
  const each = (residentKiB(pid!) - before) / count;
  for (const socket of sockets) socket.destroy();
  return each;
}

/** So many connections, each of which has brought a byte there and back. */
export async function open(port: number, count: number): Promise<readonly Socket[]> {
  const sockets: Socket[] = [];
  while (sockets.length < count) {
    const some = Array.from({ length: Math.min(100, count - sockets.length) }, () => {
      const socket = net.connect({ port, host: '127.0.0.1', noDelay: true });
      socket.on('error', () => {});
      socket.write('x');
      return socket;
    });
    await Promise.all(some.map((socket) => once(socket, 'data')));
    sockets.push(...some);
  }
  return sockets;
}

function residentKiB(pid: number): number {
  return Number(/^VmRSS:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]);
}
