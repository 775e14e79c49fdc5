import { once } from 'node:events';
import { compiled } from '../build.ts';
import type { Workload } from '../contract.ts';
import { startChild } from '../processes/child.ts';
import { FAULTLINE } from '../ways/faultline.ts';
import { open } from './idle.ts';

const CONNECTIONS = 5000;
const ECHO = Buffer.alloc(512, 'x');

export const swaps: Workload = {
  name: 'swaps',
  title: `Faults applied and emptied on ${CONNECTIONS.toLocaleString('en-US').replace(',', ' ')} live connections`,
  how: 'the longest pause of the event loop while `latency` comes into force, and while it is emptied with 512 bytes held on each connection',
  aims: ['applied', 'emptied'].map((figure) => ({ figure, way: FAULTLINE, atMost: 100 })),
  async run() {
    const server = await startChild('echo-server');
    const plane = await startChild('plane', String(server.port), compiled('proxy/plane.js'));
    try {
      const sockets = await open(plane.port, CONNECTIONS);
      const applied = await plane.ask<number>('apply');
      for (const socket of sockets) socket.write(ECHO);
      while ((await plane.ask<number>('held')) < CONNECTIONS);
      const all = Promise.all(sockets.map((socket) => once(socket, 'data')));
      const emptied = await plane.ask<number>('empty');
      await all;
      for (const socket of sockets) socket.destroy();
      return Object.entries({ applied, emptied }).map(([name, value]) => ({
        name,
        unit: 'ms',
        values: new Map([[FAULTLINE, value]]),
      }));
    } finally {
      await plane.close();
      await server.close();
    }
  },
};
