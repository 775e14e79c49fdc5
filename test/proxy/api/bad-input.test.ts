import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { type ProxyServer, startProxyServer } from '../../../src/proxy/serve.ts';
import { call } from './call.ts';

let server: ProxyServer;
const open: Socket[] = [];
beforeAll(async () => {
  server = await startProxyServer({ control: '127.0.0.1:0', proxies: [] });
  await call(server.control, 'POST', '/proxies', {
    body: { name: 'p', listen: '127.0.0.1:0', upstream: '127.0.0.1:9' },
  });
});
afterEach(() => {
  for (const socket of open.splice(0)) socket.destroy();
});
afterAll(() => server.close());

async function connected(): Promise<Socket> {
  const [host, port] = server.control.split(':') as [string, string];
  const socket = connect(Number(port), host);
  open.push(socket);
  socket.on('error', () => {});
  await once(socket, 'connect');
  return socket;
}

/** What a connection to the control API is answered, until it is closed. */
async function answer(bytes: string): Promise<string> {
  const socket = await connected();
  let received = '';
  socket.on('data', (chunk) => {
    received += chunk;
  });
  socket.end(bytes);
  await once(socket, 'close');
  return received;
}

const head = (line: string, ...more: string[]) => [line, 'Host: localhost', ...more, '', ''].join('\r\n');

describe('the control API', () => {
  test('answers while hundreds of clients never end their requests', async () => {
    const halves = [
      'POST /popu',
      'POST /populate HTTP/1.1\r\nHost: localhost\r\nX-Slow: a',
      `${head('POST /populate HTTP/1.1', 'Content-Length: 1000')}[{"name":`,
      `${head('POST /proxies/p/toxics HTTP/1.1', 'Transfer-Encoding: chunked')}5\r\n{"ty`,
    ];
    await Promise.all(
      Array.from({ length: 300 }, async (_, index) =>
        (await connected()).write(halves[index % halves.length]!),
      ),
    );
    const added = await call(server.control, 'POST', '/proxies/p/toxics', { body: { type: 'timeout' } });
    expect(added.status).toBe(200);
    const removed = await call(server.control, 'DELETE', '/proxies/p/toxics/timeout_downstream');
    expect(removed.status).toBe(204);
    expect((await call(server.control, 'GET', '/proxies/p')).json.toxics).toEqual([]);
  });

  test.each([
    ['no HTTP', '\x16\x03\x01\x02\x00\x01\x00\x01\xfc'],
    ['a method that there is not', head('FETCH / HTTP/1.1')],
    ['a length that is none', head('POST /populate HTTP/1.1', 'Content-Length: -1')],
    ['two lengths', head('POST /populate HTTP/1.1', 'Content-Length: 1', 'Content-Length: 2')],
    [
      'a length beside chunks',
      head('POST /populate HTTP/1.1', 'Content-Length: 1', 'Transfer-Encoding: chunked'),
    ],
    ['a chunk of no length', `${head('POST /populate HTTP/1.1', 'Transfer-Encoding: chunked')}zz\r\n`],
    ['a head without end', `GET /proxies HTTP/1.1\r\nX: ${'a'.repeat(100_000)}`],
    ['a path without end', `GET /${'a'.repeat(100_000)} HTTP/1.1\r\n`],
  ])('refuses %s, and serves the next call', async (_, bytes) => {
    expect(await answer(bytes)).toMatch(/^$|^HTTP\/1\.1 4\d\d /);
    expect((await call(server.control, 'GET', '/version')).status).toBe(200);
  });

  test('refuses a body of a gigabyte by its announced length, without waiting for it', async () => {
    const socket = await connected();
    const answered = once(socket, 'data');
    socket.write(head('POST /populate HTTP/1.1', 'Content-Length: 1073741824'));
    expect(String((await answered)[0])).toMatch(/^HTTP\/1\.1 413 /);
  });

  test.each([
    ['lists', `${'['.repeat(300_000)}${']'.repeat(300_000)}`],
    ['objects', `${'{"a":'.repeat(150_000)}1${'}'.repeat(150_000)}`],
    ['attributes', `{"type":"latency","attributes":${'{"a":'.repeat(150_000)}1${'}'.repeat(150_000)}}`],
  ])('refuses %s within one another, however deep', async (_, body) => {
    for (const path of ['/populate', '/proxies', '/proxies/p', '/proxies/p/toxics']) {
      const { status } = await call(server.control, 'POST', path, { body });
      // What a proxy does not know it passes over, however deep: such a change changes nothing.
      expect([200, 400], path).toContain(status);
    }
    expect((await call(server.control, 'GET', '/proxies/p')).status).toBe(200);
  });

  test.each(['__proto__', 'constructor', 'toString', 'hasOwnProperty'])(
    'knows no field "%s"',
    async (key) => {
      const body = `{"type":"latency","name":"t","${key}":{"toxicity":0},"attributes":{"${key}":{"latency":1}}}`;
      const added = await call(server.control, 'POST', '/proxies/p/toxics', { body });
      expect(added.json).toMatchObject({ toxicity: 1, attributes: { latency: 0, jitter: 0 } });
      expect(({} as Record<string, unknown>).toxicity).toBeUndefined();
      await call(server.control, 'DELETE', '/proxies/p/toxics/t');
    },
  );
});
