import { once } from 'node:events';
import http from 'node:http';
import net, { type AddressInfo, type Socket } from 'node:net';
import { afterEach, describe, expect, test } from 'vitest';
import { FaultlineError } from '../../src/core/errors.ts';
import type { Exempt, FaultSpec } from '../../src/core/fault.ts';
import type { Protocol } from '../../src/core/protocol.ts';
import { createHttpForwarder } from '../../src/proxy/http/forwarder.ts';
import { createDataPlane } from '../../src/proxy/plane.ts';
import { until } from '../support/until.ts';

const closing: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

/** Any address of the loopback network reaches a listener on 127.0.0.1, so clients can have addresses of their own. */
const SPARED = '127.0.0.7';
const OTHER = '127.0.0.8';
const CLIENTS: Exempt = { clients: ['127.0.0.7/32'] };

/** A proxy in front of an upstream that answers each chunk, or each request, with "ok". */
async function stage(protocol: Protocol) {
  const upstream =
    protocol === 'http'
      ? http.createServer((_, response) => response.end('ok'))
      : net.createServer((socket) =>
          socket
            .on('error', () => {})
            .on('data', () => socket.write(protocol === 'redis' ? '+OK\r\n' : 'ok')),
        );
  upstream.listen(0, '127.0.0.1');
  await once(upstream, 'listening');
  const plane = createDataPlane({ createForwarder: createHttpForwarder });
  const address = `127.0.0.1:${(upstream.address() as AddressInfo).port}`;
  const proxy = await plane.addProxy({ name: 'p', protocol, listen: '127.0.0.1:0', upstream: address }, true);
  closing.push(
    () => upstream.close(),
    () => plane.close(),
  );
  const port = Number(proxy.declaration.listen.split(':')[1]);
  return {
    plane,
    proxy,
    port,
    put: (exempt: Exempt | undefined, ...faults: Omit<FaultSpec, 'proxy'>[]) =>
      plane.putFaults({
        run: 'r',
        epoch: plane.state().epoch + 1,
        lease: '60s',
        seed: 1,
        ...(exempt ? { exempt } : {}),
        faults: faults.map((fault) => ({ proxy: 'p', ...fault })),
      }),
    counts: () =>
      plane.state().faults.map(({ matched, injected, skipped }) => ({ matched, injected, skipped })),
    async client(localAddress: string): Promise<Client> {
      const socket = net.connect({ host: '127.0.0.1', port, localAddress });
      const client = new Client(socket);
      closing.push(() => socket.destroy());
      await until('it is connected, or cut at once', () => client.closed || !socket.connecting);
      return client;
    },
    get: (localAddress: string, headers: Record<string, string> = {}) =>
      new Promise<number>((resolve, reject) => {
        const request = http.get(
          { host: '127.0.0.1', port, localAddress, headers, agent: false },
          (response) => {
            response.resume().on('end', () => resolve(response.statusCode ?? 0));
          },
        );
        request.on('error', reject);
      }),
  };
}

class Client {
  text = '';
  closed = false;
  readonly socket: Socket;
  constructor(socket: Socket) {
    this.socket = socket;
    socket.on('data', (chunk) => {
      this.text += chunk;
    });
    socket.on('error', () => {});
    socket.on('close', () => {
      this.closed = true;
    });
  }
  async asks(question = 'x'): Promise<void> {
    const before = this.text.length;
    this.socket.write(question);
    await until('the answer came', () => this.text.length > before);
  }
}

describe('a client that is exempt', () => {
  test('is not delayed by a bytes fault, on a live connection or a new one', async () => {
    const it = await stage('tcp');
    const [live, other] = [await it.client(SPARED), await it.client(OTHER)];
    await live.asks();
    await other.asks();
    it.put(CLIENTS, { type: 'latency', attributes: { latency: '1h' } });
    other.socket.write('x');
    await live.asks();
    await (await it.client(SPARED)).asks();
    expect(other.text).toBe('ok');
    await until('the other is held', () => it.plane.observation().proxies.p!.held.open === 1);
    expect(it.counts()).toEqual([{ matched: 1, injected: 1, skipped: { exempt: 2 } }]);
  });

  test('keeps its connection and gets new ones while the proxy is down for all others', async () => {
    const it = await stage('tcp');
    const [live, other] = [await it.client(SPARED), await it.client(OTHER)];
    await live.asks();
    await other.asks();
    it.put(CLIENTS, { type: 'down' });
    await until('the other is cut', () => other.closed);
    await live.asks();
    await (await it.client(SPARED)).asks();
    const late = await it.client(OTHER);
    await until('a late one is cut', () => late.closed);
    expect(it.counts()).toEqual([{ matched: 2, injected: 2, skipped: { exempt: 2 } }]);
  });

  test('has its commands answered by the server', async () => {
    const it = await stage('redis');
    const [spared, other] = [await it.client(SPARED), await it.client(OTHER)];
    it.put(CLIENTS, { type: 'redis_error', attributes: { reply: 'OOM no' } });
    await spared.asks('GET a\r\n');
    await other.asks('GET a\r\n');
    expect([spared.text, other.text]).toEqual(['+OK\r\n', '-OOM no\r\n']);
    expect(it.counts()).toEqual([{ matched: 1, injected: 1, skipped: { exempt: 1 } }]);
  });

  test('has its requests answered by the upstream', async () => {
    const it = await stage('http');
    it.put(CLIENTS, { type: 'http_error', attributes: { status: 503 } });
    expect(await Promise.all([it.get(SPARED), it.get(OTHER)])).toEqual([200, 503]);
  });

  test('uses up nothing that a fault counts', async () => {
    const it = await stage('http');
    it.put(CLIENTS, { type: 'http_error', match: { first: 1 }, attributes: { status: 503 } });
    for (const client of [SPARED, SPARED]) expect(await it.get(client)).toBe(200);
    expect(await it.get(OTHER)).toBe(503);
  });

  test('meets a toxic that was set by hand like anybody else', async () => {
    const it = await stage('tcp');
    it.put(CLIENTS, { type: 'slicer' });
    it.proxy.addToxic({
      name: 'by-hand',
      type: 'reset_peer',
      stream: 'downstream',
      toxicity: 1,
      attributes: { timeout: 0 },
    });
    const client = await it.client(SPARED);
    client.socket.write('x');
    await until('it is cut', () => client.closed);
  });
});

describe('a request that is exempt', () => {
  test('by any one of its headers goes through, and is not numbered', async () => {
    const it = await stage('http');
    const headers = { 'X-Chaos-Exempt': '*', 'x-tenant': 'gold-*' };
    it.put({ headers }, { type: 'http_error', attributes: { status: 503 } });
    expect(await it.get(OTHER, { 'x-chaos-exempt': 'yes' })).toBe(200);
    expect(await it.get(OTHER, { 'x-tenant': 'gold-7' })).toBe(200);
    expect(await it.get(OTHER, { 'x-tenant': 'lead-7' })).toBe(503);
    expect(it.counts()).toEqual([{ matched: 1, injected: 1, skipped: { exempt: 2 } }]);
  });

  test('and its header never shows in what the data plane tells', async () => {
    const it = await stage('http');
    it.put({ headers: { 'x-pass': 'hush-*' } }, { type: 'http_error' });
    await it.get(OTHER, { 'x-pass': 'hush-1' });
    expect(JSON.stringify([it.plane.state(), it.plane.observation()])).not.toMatch(/hush|x-pass/);
  });
});

describe('a fault set with exempt traffic', () => {
  const codeOf = (act: () => unknown) => {
    try {
      act();
    } catch (error) {
      if (error instanceof FaultlineError) return `${error.code}: ${error.message}`;
      throw error;
    }
    return 'accepted';
  };

  test('is renewed with the same, and only a new epoch may bring another', async () => {
    const it = await stage('tcp');
    const put = (epoch: number, exempt?: Exempt) =>
      it.plane.putFaults({
        run: 'r',
        epoch,
        lease: '60s',
        seed: 1,
        ...(exempt ? { exempt } : {}),
        faults: [{ proxy: 'p', type: 'noop' }],
      });
    put(1, CLIENTS);
    put(1, { clients: ['127.0.0.7/32'] });
    expect(codeOf(() => put(1))).toMatch(/^BAD_BODY: .*use a higher epoch/);
    expect(codeOf(() => put(1, { clients: ['10.0.0.1'] }))).toMatch(/^BAD_BODY/);
    put(2);
    expect(it.plane.state().epoch).toBe(2);
  });

  test.each(['10.0.0', '10.0.0.0/33', 'localhost', ''])('is refused for the client "%s"', async (client) => {
    const it = await stage('tcp');
    expect(codeOf(() => it.put({ clients: [client] }, { type: 'noop' }))).toBe(
      `BAD_VALUE: "${client}" is not valid for exempt.clients: write an address or a network such as 10.0.0.0/8.`,
    );
    expect(it.plane.state().faults).toEqual([]);
  });

  test('is refused where a fault of the connection could not see the header, and taken where there are none', async () => {
    const exempt = { headers: { 'x-pass': '*' } };
    const it = await stage('http');
    for (const type of ['latency', 'down'])
      expect(codeOf(() => it.put(exempt, { type }))).toMatch(
        new RegExp(`^EXEMPT_NOT_SEEN: Fault "${type}" acts on connections of proxy "p"`),
      );
    expect(it.plane.state().faults).toEqual([]);
    expect(codeOf(() => it.put(exempt, { type: 'http_latency' }))).toBe('accepted');
    const database = await stage('redis');
    expect(codeOf(() => database.put(exempt, { type: 'latency' }))).toBe('accepted');
  });
});
