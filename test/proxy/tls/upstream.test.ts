import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import type { Protocol } from '../../../src/core/protocol.ts';
import { FakeClock } from '../../support/fake-clock.ts';
import { until } from '../../support/until.ts';
import { startProxy } from './stage.ts';

const close: (() => unknown)[] = [];
afterEach(async () => {
  for (const one of close.splice(0).reverse()) await one();
});

/** A proxy that is to speak TLS to a server that does this with the first bytes of a connection; and a client of it. */
async function stage(protocol: Protocol, answer: (socket: Socket, asked: Buffer) => void) {
  const asked: Buffer[] = [];
  const server = createServer((socket) => {
    close.push(() => socket.destroy());
    socket.on('error', () => {});
    socket.once('data', (bytes) => {
      asked.push(bytes);
      answer(socket, bytes);
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  close.push(() => server.close());
  const upstream = `127.0.0.1:${(server.address() as AddressInfo).port}`;
  const clock = new FakeClock();
  const proxy = await startProxy({ protocol, upstream, tls: { upstream: 'require' } }, clock);
  close.push(() => proxy.close());
  const client = connect(proxy.port, '127.0.0.1').resume();
  client.on('error', () => {});
  close.push(() => client.destroy());
  return { ...proxy, clock, asked, client };
}

const SAID =
  /^The upstream of proxy "p", 127\.0\.0\.1:\d+, does not speak TLS as asked: (.*)\. Turn TLS on there/;

describe('An upstream that does not speak TLS as asked', () => {
  it.each<[string, Protocol, (socket: Socket, asked: Buffer) => void, string]>([
    ['refuses it', 'postgres', (socket) => socket.write('N'), 'its TLS is turned off'],
    [
      'is no Postgres',
      'postgres',
      (socket) => socket.write('E'),
      'its answer to a request for TLS is not one that Postgres gives',
    ],
    [
      'sends more than it may before TLS',
      'postgres',
      (socket) => socket.write('S and words that nobody vouches for'),
      'it sent more than one byte in answer to a request for TLS',
    ],
    ['agrees and closes', 'postgres', (socket) => socket.end('S'), 'it closed the connection'],
    [
      'answers in plain text',
      'redis',
      (socket) => socket.write('-ERR what is this\r\n'),
      'wrong version number',
    ],
    ['closes', 'tcp', (socket) => socket.end(), 'it closed the connection'],
  ])('is told of, and its client closed: it %s', async (_, protocol, answer, reason) => {
    const { client, lines, seen } = await stage(protocol, answer);
    await until('the client is closed', () => client.closed);
    expect(lines.map((line) => SAID.exec(line)?.[1] ?? line)).toEqual([reason]);
    await until('it is counted', () => seen().connections.closed === 1);
  });

  it.each<Protocol>(['postgres', 'redis'])(
    'is given up after a while: a %s that says nothing',
    async (protocol) => {
      const { client, clock, asked, lines } = await stage(protocol, () => {});
      await until('it is asked', () => asked.length > 0);
      clock.advance(10_000);
      await until('the client is closed', () => client.closed);
      expect(lines.map((line) => SAID.exec(line)?.[1] ?? line)).toEqual(['it does not answer']);
    },
  );

  it('is not blamed for a connection that is closed from here', async () => {
    const { client, plane, asked, lines, seen } = await stage('tcp', (socket) =>
      socket.on('end', () => socket.end()),
    );
    await until('it is asked', () => asked.length > 0);
    plane.closeConnections();
    await until('the client is closed', () => client.closed);
    await until('it is counted', () => seen().connections.closed === 1);
    expect(lines).toEqual([]);
  });
});
