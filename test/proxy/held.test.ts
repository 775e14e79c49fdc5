import { once } from 'node:events';
import http from 'node:http';
import net, { type AddressInfo, type Socket } from 'node:net';
import { afterEach, describe, expect, test } from 'vitest';
import { HOLDINGS, type Holding } from '../../bench/workloads/held-faults.ts';
import { type ProxyServer, startProxyServer } from '../../src/proxy/serve.ts';
import { until } from '../support/until.ts';
import { call } from './api/call.ts';

const COUNT = 300;
const READY = Buffer.from([0x5a, 0, 0, 0, 5, 0x49]);
const AUTHENTICATED = Buffer.concat([Buffer.from([0x52, 0, 0, 0, 8, 0, 0, 0, 0]), READY]);
const SELECTED = Buffer.concat([Buffer.from([0x43, 0, 0, 0, 13]), Buffer.from('SELECT 0\0'), READY]);

/** Upstreams that answer each client alike, so that every byte of an answer is known. */
const UPSTREAMS: Readonly<Record<string, () => net.Server>> = {
  tcp: () => net.createServer({ allowHalfOpen: true }, (socket) => void quiet(socket).pipe(socket)),
  http: () => http.createServer((_, response) => response.end(`${'x'.repeat(200)}END!`)),
  openai: () =>
    http.createServer((request, response) => {
      request.resume();
      if (request.method === 'GET') return response.end('END!');
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      for (const word of ['a', 'b', 'c', 'd'])
        response.write(`data: {"id":"c","choices":[{"index":0,"delta":{"content":"${word}"}}]}\n\n`);
      return response.end('data: [DONE]\n\n');
    }),
  postgres: () => conversation((chunk) => (chunk[0] === 0 ? AUTHENTICATED : SELECTED)),
  redis: () => conversation(() => Buffer.from('+PONG\r\n')),
};

function conversation(reply: (chunk: Buffer) => Buffer): net.Server {
  return net.createServer((socket) => void quiet(socket).on('data', (chunk) => socket.write(reply(chunk))));
}

function quiet(socket: Socket): Socket {
  return socket.on('error', () => {});
}

class Client {
  readonly socket: Socket;
  received = '';
  ended = false;

  constructor(port: number) {
    this.socket = quiet(net.connect({ port, host: '127.0.0.1', allowHalfOpen: true }));
    this.socket.on('data', (chunk) => {
      this.received += chunk.toString('latin1');
    });
    for (const event of ['end', 'close']) this.socket.once(event, () => (this.ended = true));
  }

  ask(text: string, ends = false): void {
    this.received = '';
    this.socket.write(text, 'latin1');
    if (ends) this.socket.end();
  }
}

let upstream: net.Server;
let server: ProxyServer;
let clients: Client[];
afterEach(async () => {
  for (const { socket } of clients) socket.destroy();
  await server.close();
  upstream.close();
  (upstream as http.Server).closeAllConnections?.();
});

const send = (method: string, path: string, body?: unknown) => call(server.control, method, path, { body });
/** What differs from answer to answer. */
const steady = (text: string) => text.replace(/^date: .*\r\n/im, '');
/** On tcp each client hears its own words, so that an answer that went astray is seen. */
const wordsOf = ({ protocol, text }: Holding, index: number) =>
  protocol === 'tcp' ? `client ${index} ${text}` : text;

async function connected(count: number): Promise<readonly Client[]> {
  const { listen } = server.plane.proxy('p')!.declaration;
  const some = Array.from({ length: count }, () => new Client(Number(listen.split(':')[1])));
  await Promise.all(some.map(({ socket }) => once(socket, 'connect')));
  clients.push(...some);
  return some;
}

/** Connections that the fault holds, and what each is to hear in the end. */
async function hold(holding: Holding): Promise<{ held: readonly Client[]; whole: string }> {
  upstream = UPSTREAMS[holding.protocol]!().listen(0, '127.0.0.1', COUNT);
  await once(upstream, 'listening');
  const { port } = upstream.address() as AddressInfo;
  clients = [];
  const proxy = {
    name: 'p',
    protocol: holding.protocol,
    listen: '127.0.0.1:0',
    upstream: `127.0.0.1:${port}`,
  };
  server = await startProxyServer({ control: '127.0.0.1:0', proxies: [proxy] });
  const { greeting = '', greeted = '', text, answered = '', ends, live, type, attributes } = holding;
  const greet = async (some: readonly Client[]) => {
    for (const client of some) client.ask(greeting);
    await until('all are greeted', () => some.every(({ received }) => received.endsWith(greeted)));
  };

  const [free] = await connected(1);
  await greet([free!]);
  free!.ask(text);
  await until('one without the fault is answered', () => answered && free!.received.endsWith(answered));
  const whole = steady(free!.received);
  const held = live ? await connected(COUNT) : [];
  if (live) await greet(held);
  const faults = [{ id: 'holding', proxy: 'p', type, attributes }];
  await send('PUT', '/faults', { run: 'r', epoch: 1, lease: '5m', seed: 1, faults });
  const all = live ? held : await connected(COUNT);
  for (const [index, client] of all.entries()) client.ask(wordsOf(holding, index), ends);
  await until('all are held', () => (server.plane.state().faults[0]?.injected ?? 0) >= COUNT);
  return { held: all, whole };
}

const heldNow = () => server.plane.observation().proxies.p!.held.open;
const heard = (clients: readonly Client[]) => clients.map(({ received }) => steady(received));

const KEEPING = HOLDINGS.filter(({ answered }) => answered !== undefined).filter(
  ({ type }) => type !== 'timeout',
);

describe(`${COUNT} connections held by`, () => {
  test.each(KEEPING.map((holding) => [holding.name, holding] as const))(
    '%s are all let go, each byte comes once, and control calls are answered meanwhile',
    async (_, holding) => {
      const { held, whole } = await hold(holding);
      const wanted = held.map((__, index) => (holding.protocol === 'tcp' ? wordsOf(holding, index) : whole));
      expect(heard(held)).not.toContain(wanted[0]);
      const emptied = send('DELETE', '/faults');
      const [state, health] = await Promise.all([send('GET', '/faults'), send('GET', '/healthz')]);
      expect([state.status, health.status, (await emptied).status]).toEqual([200, 200, 200]);
      await until('all are free', () =>
        held.every(({ received }, n) => steady(received).length >= wanted[n]!.length),
      );
      expect(heard(held)).toEqual(wanted);
      expect(heldNow()).toBe(0);
      // They live on: no connection was spent for the release.
      for (const client of held.slice(0, 3)) client.ask(holding.text);
      await until('they are answered', () =>
        held.slice(0, 3).every(({ received }) => received.endsWith(holding.answered!)),
      );
    },
  );

  test('a halt are let go in the same way', async () => {
    const { held, whole } = await hold(HOLDINGS.find(({ name }) => name === 'redis_latency')!);
    const halted = send('POST', '/halt', { reason: 'enough' });
    expect((await send('GET', '/healthz')).status).toBe(200);
    expect((await halted).status).toBe(200);
    await until('all are free', () => held.every(({ received }) => received.length >= whole.length));
    expect(heard(held)).toEqual(held.map(() => whole));
    expect(heldNow()).toBe(0);
  });

  test('slow_close end at once, with every byte before the end', async () => {
    const slow = HOLDINGS.find(({ name }) => name === 'slow_close')!;
    const { held } = await hold({ ...slow, answered: 'END!' });
    expect(held.some(({ ended }) => ended)).toBe(false);
    await send('DELETE', '/faults');
    await until('all have their end', () => held.every(({ ended }) => ended));
    expect(heard(held)).toEqual(held.map((_, index) => wordsOf(slow, index)));
    expect(heldNow()).toBe(0);
  });

  test('timeout, which lost bytes of them, are closed and none hears anything more', async () => {
    const { held } = await hold(HOLDINGS.find(({ name }) => name === 'timeout')!);
    await send('DELETE', '/faults');
    await until('all are closed', () => held.every(({ ended }) => ended));
    expect(heard(held)).toEqual(held.map(() => ''));
    expect(heldNow()).toBe(0);
  });
});
