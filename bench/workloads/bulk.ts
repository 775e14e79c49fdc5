import net from 'node:net';
import type { Front, Workload } from '../contract.ts';
import { startChild } from '../processes/child.ts';
import { closeAll, interleave, openAll } from '../rounds.ts';
import { direct } from '../ways/direct.ts';
import { FAULTLINE } from '../ways/faultline.ts';
import { haproxy } from '../ways/haproxy.ts';
import { toxiproxy } from '../ways/toxiproxy.ts';

const DELAYED = 'latency 1 ms';
const GIBIBYTE = 2 ** 30;
const BLOCK = Buffer.alloc(2 ** 20, 'faultline bench ');

export const bulk: Workload = {
  name: 'bulk',
  title: 'Bulk, one connection',
  how: 'a source and a sink of our own, each in its process, read into one large buffer',
  aims: ['up', 'down'].flatMap((figure) => [
    { figure, way: FAULTLINE, to: 'haproxy', atLeast: 1.2 },
    { figure, way: FAULTLINE, to: 'toxiproxy', atLeast: 2 },
    { figure, way: DELAYED, to: FAULTLINE, atLeast: 0.9 },
  ]),
  async run(bench) {
    const server = await startChild('bulk-server');
    const delay = { type: 'latency', attributes: { latency: 1 } };
    const ways = [
      direct,
      haproxy,
      toxiproxy,
      bench.faultline({ name: FAULTLINE }),
      bench.faultline({
        name: DELAYED,
        faults: [
          { ...delay, stream: 'upstream' },
          { ...delay, stream: 'downstream' },
        ],
      }),
    ];
    const fronts = await openAll(ways, server.port);
    try {
      return await interleave(bench, fronts, { up: 'GiB/s', down: 'GiB/s' }, async (front, seconds) => {
        const bytes = Math.round(GIBIBYTE * seconds);
        return { up: await upload(front, bytes), down: await download(front, bytes) };
      });
    } finally {
      await closeAll(fronts);
      await server.close();
    }
  },
};

/** Sends so many bytes; GiB a second until the server has said that it has them all. */
function upload({ port }: Front, bytes: number): Promise<number> {
  return new Promise((resolve, reject) => {
    const began = performance.now();
    let answer = '';
    let left = bytes;
    const socket = net.connect({ port, host: '127.0.0.1', noDelay: true });
    const more = () => {
      if (left === 0) return;
      const block = left < BLOCK.length ? BLOCK.subarray(0, left) : BLOCK;
      left -= block.length;
      socket.write(block, more);
    };
    socket.write(head('U', bytes));
    more();
    socket.on('data', (chunk: Buffer) => {
      answer += chunk.toString();
    });
    socket.once('end', () => {
      if (answer !== String(bytes)) reject(new Error(`of ${bytes} bytes sent, ${answer} came`));
      resolve(rate(bytes, began));
    });
    socket.once('error', reject);
  });
}

function download({ port }: Front, bytes: number): Promise<number> {
  return new Promise((resolve, reject) => {
    const began = performance.now();
    let got = 0;
    const take = (length: number) => {
      got += length;
      return true;
    };
    const socket = net.connect({
      port,
      host: '127.0.0.1',
      noDelay: true,
      onread: { buffer: Buffer.allocUnsafe(2 ** 20), callback: take },
    });
    socket.write(head('d', bytes));
    socket.once('end', () => {
      if (got !== bytes) reject(new Error(`of ${bytes} bytes, ${got} came`));
      resolve(rate(bytes, began));
    });
    socket.once('error', reject);
  });
}

export function head(kind: 'd' | 'u' | 'U', bytes: number): Buffer {
  const bytesOf = Buffer.alloc(9, kind);
  bytesOf.writeBigUInt64BE(BigInt(bytes), 1);
  return bytesOf;
}

function rate(bytes: number, began: number): number {
  return bytes / GIBIBYTE / ((performance.now() - began) / 1000);
}
