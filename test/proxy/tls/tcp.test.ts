import { createHash, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import tls from 'node:tls';
import { afterEach, describe, expect, it } from 'vitest';
import type { ProxyTls } from '../../../src/core/protocol.ts';
import { TLS } from '../../support/tls/index.ts';
import { until } from '../../support/until.ts';
import { startProxy } from './stage.ts';

const LISTEN = { cert: TLS.certificate, key: TLS.key };
const CA = readFileSync(TLS.ca);
const SIZE = 8 * 2 ** 20;

const close: (() => unknown)[] = [];
afterEach(async () => {
  for (const one of close.splice(0).reverse()) await one();
});

/** A tcp proxy in front of a server that does this to each connection. */
async function stage(serve: (socket: Socket) => void, ends: ProxyTls) {
  const listener = (socket: Socket) => {
    close.push(() => socket.destroy());
    socket.on('error', () => {});
    serve(socket);
  };
  const options = { cert: readFileSync(TLS.certificate), key: readFileSync(TLS.key), allowHalfOpen: true };
  const server = ends.upstream ? tls.createServer(options, listener) : createServer(options, listener);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  close.push(() => server.close());
  const upstream = `127.0.0.1:${(server.address() as AddressInfo).port}`;
  const proxy = await startProxy({ protocol: 'tcp', upstream, tls: ends });
  close.push(() => proxy.close());
  return {
    ...proxy,
    async client() {
      const half = { allowHalfOpen: true };
      const address = { host: '127.0.0.1', port: proxy.port };
      const client = tls.connect({ ...address, servername: 'localhost', ca: CA, ...half });
      const seen = Object.assign(client, { failed: '' });
      client.on('error', (error: NodeJS.ErrnoException) => {
        seen.failed = error.code ?? error.message;
      });
      close.push(() => client.destroy());
      await once(client, 'secureConnect');
      return seen;
    },
  };
}

const sum = (bytes: Buffer) => createHash('sha256').update(bytes).digest('hex');

describe.each<[string, ProxyTls]>([
  ['to its clients', { listen: LISTEN }],
  ['on both sides', { listen: LISTEN, upstream: 'verify', ca: TLS.ca }],
])('A tcp proxy with TLS %s', (_, ends) => {
  it('passes half-close, and all bytes both ways, to slow readers', async () => {
    const { client, seen } = await stage((socket) => {
      const got: Buffer[] = [];
      socket.on('data', (chunk) => {
        got.push(chunk);
        socket.pause();
        setImmediate(() => socket.resume());
      });
      // Answers only when the client has ended its side.
      socket.on('end', () => socket.end(Buffer.concat(got)));
    }, ends);
    const socket = await client();
    const sent = randomBytes(SIZE);
    socket.end(sent);
    const got: Buffer[] = [];
    for await (const chunk of socket) {
      got.push(chunk);
      await new Promise(setImmediate);
    }
    expect(sum(Buffer.concat(got))).toBe(sum(sent));
    await until('it is closed', () => seen().connections.closed === 1);
    expect(seen().connections).toMatchObject({ open: 0, reset: 0 });
    expect(seen().status).toMatchObject({ ok: { organic: 1, injected: 0 } });
    expect(seen().bytes.up).toBeGreaterThan(SIZE);
    expect(seen().bytes.up).toBeLessThan(SIZE * 1.1);
  });

  it('hands on all that came before an upstream closed at once', async () => {
    const sent = randomBytes(SIZE);
    const { client } = await stage(
      (socket) => void socket.once('data', () => socket.end(sent, () => socket.destroySoon())),
      ends,
    );
    const socket = await client();
    socket.write('go');
    await until('some waits', () => socket.readableLength > 0);
    const got: Buffer[] = [];
    for await (const chunk of socket) got.push(chunk);
    expect(sum(Buffer.concat(got))).toBe(sum(sent));
  });

  it('closes its upstream when the client is gone, and the client when it is cut', async () => {
    const served: Socket[] = [];
    const { client, plane, seen } = await stage((socket) => void served.push(socket.resume()), ends);
    (await client()).destroy();
    await until('the upstream is closed', () => served[0]?.readableEnded || served[0]?.destroyed);
    const cut = await client();
    expect(plane.closeConnections()).toBeGreaterThan(0);
    cut.resume();
    await until('the client is closed', () => cut.readableEnded || cut.destroyed);
    await until('all is counted', () => seen().connections.open === 0);
    expect(seen().connections.closed).toBe(2);
  });

  it('resets the client where a fault does', async () => {
    const { client, put } = await stage((socket) => void socket.resume(), ends);
    const socket = await client();
    put({ type: 'kill', attributes: { fraction: 1, with: 'rst' } });
    await until('the client is cut', () => socket.destroyed || socket.readableEnded);
    expect(socket.failed).toBe('ECONNRESET');
  });
});

describe('A tcp proxy with a certificate', () => {
  it('closes before any TLS where its upstream is away', async () => {
    const proxy = await startProxy({ protocol: 'tcp', upstream: '127.0.0.1:1', tls: { listen: LISTEN } });
    close.push(() => proxy.close());
    const socket = tls.connect({ host: '127.0.0.1', port: proxy.port, ca: CA, servername: 'localhost' });
    let secured = false;
    socket.once('secureConnect', () => {
      secured = true;
    });
    socket.on('error', () => {});
    await until('it is closed', () => socket.closed);
    expect(secured).toBe(false);
    await until('it is counted', () => proxy.seen().connections.closed === 1);
    expect(proxy.seen().status).toMatchObject({ error: { organic: 1, injected: 0 } });
  });
});
