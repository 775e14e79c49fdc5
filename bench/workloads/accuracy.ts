import { once } from 'node:events';
import net from 'node:net';
import { setTimeout as wait } from 'node:timers/promises';
import type { Bench, Front, Workload } from '../contract.ts';
import { startChild } from '../processes/child.ts';
import { quantile } from '../rounds.ts';
import { head } from './bulk.ts';

const LATENCY = 'latency 100 ms';
const LATENCY_MS = 100;
const BANDWIDTH = 'bandwidth 1000 KB/s';
const RATE = 1000;
/** What a pool of connections of a service under little load looks like. */
const CONNECTIONS = 25;

export const latency: Workload = {
  name: 'latency',
  title: `Accuracy of \`latency\` ${LATENCY_MS} ms`,
  how: 'a byte there and back over 25 connections, at least 1 000 times; what it takes beyond the delay',
  aims: [
    { figure: 'extra p50', way: LATENCY, atMost: 1.5 },
    { figure: 'extra p99', way: LATENCY, atMost: 3 },
  ],
  async run(bench) {
    const server = await startChild('echo-server');
    const fault = { type: 'latency', stream: 'downstream' as const, attributes: { latency: LATENCY_MS } };
    const front = await opened(bench, LATENCY, fault, server.port);
    try {
      const samples = await roundTrips(front, 1000 / CONNECTIONS + 2);
      const extra = samples.map((sample) => sample - LATENCY_MS);
      const figure = (name: string, unit: string, value: number) => ({
        name,
        unit,
        values: new Map([[LATENCY, value]]),
      });
      return [
        figure('extra p50', 'ms', quantile(extra, 0.5)),
        figure('extra p99', 'ms', quantile(extra, 0.99)),
        figure('least', 'ms', Math.min(...extra)),
        figure('samples', '', extra.length),
      ];
    } finally {
      await front.close();
      await server.close();
    }
  },
};

export const bandwidth: Workload = {
  name: 'bandwidth',
  title: `Accuracy of \`bandwidth\` at ${RATE} KB/s`,
  how: '3 MB down; the rate from the first byte to the last, and how often the receiver gets some',
  aims: [
    { figure: 'rate', way: BANDWIDTH, atLeast: RATE * 0.99, atMost: RATE * 1.01 },
    { figure: 'reads', way: BANDWIDTH, atLeast: 20 },
  ],
  async run(bench) {
    const server = await startChild('bulk-server');
    const fault = { type: 'bandwidth', stream: 'downstream' as const, attributes: { rate: RATE } };
    const front = await opened(bench, BANDWIDTH, fault, server.port);
    try {
      const taken = await throttled(front, 3_000_000);
      return Object.entries(taken).map(([name, value]) => ({
        name,
        unit: name === 'rate' ? 'KB/s' : '/s',
        values: new Map([[BANDWIDTH, value]]),
      }));
    } finally {
      await front.close();
      await server.close();
    }
  },
};

type Fault = { type: string; stream: 'downstream'; attributes: Record<string, number> };

async function opened(bench: Bench, name: string, fault: Fault, upstream: number): Promise<Front> {
  const front = await bench.faultline({ name, faults: [fault] }).open(upstream, {});
  return front!;
}

async function roundTrips({ port }: Front, each: number): Promise<readonly number[]> {
  const samples: number[] = [];
  await Promise.all(
    Array.from({ length: CONNECTIONS }, async (_, index) => {
      // Spread over the delay, so that no two are due in the same moment.
      await wait((index * LATENCY_MS) / CONNECTIONS);
      const socket = net.connect({ port, host: '127.0.0.1', noDelay: true });
      await once(socket, 'connect');
      for (let sample = 0; sample < each; sample++) {
        const began = performance.now();
        socket.write('x');
        await once(socket, 'data');
        // The first ones warm up.
        if (sample >= 2) samples.push(performance.now() - began);
        await wait(Math.random() * 20);
      }
      socket.destroy();
    }),
  );
  return samples;
}

async function throttled({ port }: Front, bytes: number) {
  const socket = net.connect({ port, host: '127.0.0.1', noDelay: true });
  socket.write(head('d', bytes));
  const began = performance.now();
  let got = 0;
  let reads = 0;
  let last = began;
  socket.on('data', (chunk: Buffer) => {
    got += chunk.length;
    reads++;
    last = performance.now();
  });
  await once(socket, 'end');
  if (got !== bytes) throw new Error(`of ${bytes} bytes, ${got} came`);
  return { rate: bytes / (last - began), reads: reads / ((last - began) / 1000) };
}
