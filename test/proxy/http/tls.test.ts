import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import http from 'node:http';
import https from 'node:https';
import type { AddressInfo } from 'node:net';
import tls from 'node:tls';
import { fileURLToPath } from 'node:url';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { FaultSpec } from '../../../src/core/fault.ts';
import type { ProxyTls } from '../../../src/core/protocol.ts';
import { createHttpForwarder } from '../../../src/proxy/http/forwarder.ts';
import { createDataPlane } from '../../../src/proxy/plane.ts';
import { until } from '../../support/until.ts';
import { startFront } from './front.ts';

type Secured = tls.TLSSocket & { text: string; failed: string };

const ca = fileURLToPath(new URL('./fixtures/certificate.pem', import.meta.url));
const key = fileURLToPath(new URL('./fixtures/key.pem', import.meta.url));

describe('An upstream behind TLS', () => {
  const server = https.createServer({ cert: readFileSync(ca), key: readFileSync(key) }, (request, response) =>
    response.end(`secure ${request.headers.host}`),
  );
  let port = 0;
  beforeAll(async () => {
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    port = (server.address() as AddressInfo).port;
  });
  afterAll(() => {
    server.closeAllConnections();
    server.close();
  });

  async function get(upstream: string, tls?: ProxyTls): Promise<{ status: number; text: string }> {
    const front = await startFront(upstream, tls ? { tls } : {});
    const response = await fetch(front.url);
    const answer = { status: response.status, text: await response.text() };
    await front.close();
    return answer;
  }

  it('is verified by default, and refused with the reason', async () => {
    const { status, text } = await get(`https://localhost:${port}`);
    expect(status).toBe(502);
    expect(text).toContain("the upstream's certificate does not verify");
  });

  it('is verified by the certificates that the declaration names', async () => {
    expect(await get(`https://localhost:${port}`, { ca })).toEqual({
      status: 200,
      text: `secure localhost:${port}`,
    });
  });

  it('is verified by its name, not only by its issuer', async () => {
    expect((await get(`https://127.0.0.2:${port}`, { ca })).status).toBe(502);
  });

  it('is spoken to without verifying where the declaration says `require`', async () => {
    expect((await get(`127.0.0.1:${port}`, { upstream: 'require' })).status).toBe(200);
  });

  it('is verified at host:port where the declaration says `verify`', async () => {
    expect((await get(`127.0.0.1:${port}`, { upstream: 'verify', ca })).status).toBe(200);
  });

  it('says which file of certificates cannot be read', async () => {
    await expect(get('https://localhost', { ca: '/nowhere/ca.pem' })).rejects.toThrow('/nowhere/ca.pem');
  });

  it.each(['not a url', 'ftp://x', 'host:99999', 'host:80/path'])(
    'refuses the upstream %j',
    async (upstream) => {
      await expect(get(upstream)).rejects.toThrow(upstream);
    },
  );
});

describe('A client behind TLS', () => {
  const closing: (() => unknown)[] = [];
  afterEach(async () => {
    for (const close of closing.splice(0).reverse()) await close();
  });

  async function stage(
    handler: http.RequestListener,
    ...faults: Omit<FaultSpec, 'proxy'>[]
  ): Promise<Secured> {
    const server = http.createServer(handler);
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const upstream = `127.0.0.1:${(server.address() as AddressInfo).port}`;
    const plane = createDataPlane({ createForwarder: createHttpForwarder });
    const proxy = await plane.addProxy(
      { name: 'ai', protocol: 'openai', listen: '127.0.0.1:0', upstream, tls: { listen: { cert: ca, key } } },
      true,
    );
    if (faults.length > 0) {
      const asked = faults.map((fault) => ({ proxy: 'ai', ...fault }));
      plane.putFaults({ run: 'test', epoch: 1, lease: '1m', seed: 1, faults: asked });
    }
    const port = Number(proxy.declaration.listen.split(':')[1]);
    const client = tls.connect({ port, servername: 'localhost', ca: readFileSync(ca) });
    closing.push(
      () => {
        server.closeAllConnections();
        server.close();
      },
      () => plane.close(),
      () => client.destroy(),
    );
    const seen = Object.assign(client, { text: '', failed: '' });
    client.on('data', (chunk) => {
      seen.text += chunk;
    });
    client.on('error', (error: NodeJS.ErrnoException) => {
      seen.failed = error.code ?? error.message;
    });
    await once(client, 'secureConnect');
    client.write('GET / HTTP/1.1\r\nHost: x\r\n\r\n');
    return seen;
  }
  /** Sends an event, and another once `next` is called. */
  function stream(): { handler: http.RequestListener; next(): void } {
    let next = () => {};
    return {
      next: () => next(),
      handler(_, response) {
        response.setHeader('content-type', 'text/event-stream');
        response.write('data: a\n\n');
        next = () => void response.write('data: b\n\n');
      },
    };
  }

  it('is served', async () => {
    const client = await stage((_, response) => response.end('plain behind'));
    await until('the answer is there', () => client.text.endsWith('plain behind'));
    expect(client.text).toMatch(/^HTTP\/1.1 200 OK/);
  });

  it.each([
    ['fin', ''],
    ['rst', 'ECONNRESET'],
  ])('sees a cut by %s behind whole events', async (how, failed) => {
    const { handler, next } = stream();
    const client = await stage(handler, { type: 'ai_stream_cut', attributes: { afterEvents: 1, with: how } });
    await until('the first event is read', () => client.text.includes('data: a\n\n'));
    next();
    await until('the connection is gone', () => client.destroyed || client.readableEnded);
    expect(client.text).toContain('data: a\n\n');
    expect(client.text).not.toContain('data: b');
    expect(client.text).not.toContain('\r\n0\r\n');
    expect(client.failed).toBe(failed);
  });

  it('is slowed on the wire, under its TLS', async () => {
    const began = performance.now();
    const client = await stage((_, response) => response.end('late'), {
      type: 'latency',
      attributes: { latency: 60 },
    });
    await until('the answer is there', () => client.text.endsWith('late'));
    // The server's part of the handshake waits, and so does the answer.
    expect(performance.now() - began).toBeGreaterThan(110);
  });

  it('is refused a proxy whose certificate cannot be read', async () => {
    const tls = { listen: { cert: '/nowhere/c.pem', key } };
    await expect(startFront('x:1', { tls })).rejects.toThrow('/nowhere/c.pem');
    await expect(startFront('x:1', { tls: { listen: { cert: key, key } } })).rejects.toThrow('in PEM');
  });
});
