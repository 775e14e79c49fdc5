import { once } from 'node:events';
import { type AddressInfo, connect } from 'node:net';
import fastify from 'fastify';
import { expect, test } from 'vitest';
import type { Observation } from '../../../src/core/observation.ts';
import { observationStreams } from '../../../src/proxy/api/native/observations.ts';
import type { DataPlane } from '../../../src/proxy/contract.ts';
import { until } from '../../support/until.ts';

/** A data plane whose observations are far larger than any real one, and come when the test says so. */
function loudPlane() {
  const listeners = new Set<(observation: Observation) => void>();
  const observation = { proxies: { p: 'x'.repeat(500_000) } } as unknown as Observation;
  return {
    listeners,
    tick: () => {
      for (const listener of listeners) listener(observation);
    },
    observation: () => observation,
    observe(listener: (observation: Observation) => void) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
}

test('a reader that takes nothing off its socket is dropped, and others go on', async () => {
  const plane = loudPlane();
  const streams = observationStreams(plane as unknown as DataPlane);
  const app = fastify({ forceCloseConnections: true });
  app.get('/observations', (_, reply) => streams.open(reply));
  await app.listen({ host: '127.0.0.1', port: 0 });
  const { port } = app.server.address() as AddressInfo;
  const open = () => {
    const socket = connect(port, '127.0.0.1');
    socket.on('error', () => {});
    socket.write('GET /observations HTTP/1.1\r\nHost: localhost\r\n\r\n');
    return socket;
  };

  const stuck = open();
  const reader = open();
  let read = 0;
  reader.on('data', (chunk) => {
    read += chunk.length;
  });
  await until('both are served', () => plane.listeners.size === 2);
  stuck.pause();
  await until('the stuck one is dropped', () => {
    plane.tick();
    return plane.listeners.size === 1;
  });
  const before = read;
  plane.tick();
  await until('the other one still reads', () => read > before + 400_000);

  streams.close();
  await once(reader, 'close');
  expect(plane.listeners.size).toBe(0);
  stuck.destroy();
  await app.close();
});
