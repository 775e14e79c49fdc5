import { createHash } from 'node:crypto';
import { once } from 'node:events';
import net from 'node:net';
import { setTimeout as wait } from 'node:timers/promises';
import type { Front, Workload } from '../contract.ts';
import { startChild } from '../processes/child.ts';
import { closeAll, openAll } from '../rounds.ts';
import { FAULTLINE } from '../ways/faultline.ts';
import { head } from './bulk.ts';

const BYTES = 96 * 2 ** 20;
const DELAYED = 'latency 1 ms';

export const identical: Workload = {
  name: 'identical',
  title: 'Bytes are the same',
  how: '96 MiB each way, with a reader that rests and a half-close; SHA-256 at both ends',
  aims: ['up', 'down'].flatMap((figure) =>
    [FAULTLINE, DELAYED].map((way) => ({ figure, way, atLeast: 100 })),
  ),
  async run(bench) {
    const server = await startChild('bulk-server');
    const delay = { type: 'latency', attributes: { latency: 1, jitter: 1 } };
    const both = (['upstream', 'downstream'] as const).map((stream) => ({ ...delay, stream }));
    const ways = [bench.faultline({ name: FAULTLINE }), bench.faultline({ name: DELAYED, faults: both })];
    const fronts = await openAll(ways, server.port);
    const up = new Map<string, number>();
    const down = new Map<string, number>();
    try {
      for (const front of fronts) {
        up.set(front.way, (await sentSame(front)) ? 100 : 0);
        down.set(front.way, (await gotSame(front)) ? 100 : 0);
      }
      return [
        { name: 'up', unit: '% the same', values: up },
        { name: 'down', unit: '% the same', values: down },
      ];
    } finally {
      await closeAll(fronts);
      await server.close();
    }
  },
};

/** The client half-closes; the server's answer, the hash of what it got, comes after. */
async function sentSame({ port }: Front): Promise<boolean> {
  const socket = net.connect({ port, host: '127.0.0.1', allowHalfOpen: true });
  const hash = createHash('sha256');
  socket.write(head('u', BYTES));
  for (let sent = 0, block = 0; sent < BYTES; block++) {
    const chunk = Buffer.alloc(Math.min(BYTES - sent, 300_000 + 7919 * (block % 50)), `block ${block} `);
    hash.update(chunk);
    sent += chunk.length;
    if (!socket.write(chunk)) await once(socket, 'drain');
  }
  socket.end();
  let answer = '';
  for await (const chunk of socket) answer += String(chunk);
  return answer === hash.digest('hex');
}

/** The client stops reading again and again. */
async function gotSame({ port }: Front): Promise<boolean> {
  const socket = net.connect({ port, host: '127.0.0.1' });
  socket.write(head('d', BYTES));
  const hash = createHash('sha256');
  let since = 0;
  for await (const chunk of socket as AsyncIterable<Buffer>) {
    hash.update(chunk);
    since += chunk.length;
    if (since < 8 * 2 ** 20) continue;
    since = 0;
    await wait(20);
  }
  const wanted = createHash('sha256').update(Buffer.alloc(BYTES, 'faultline bench ')).digest('hex');
  return hash.digest('hex') === wanted;
}
