import { createHash, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { FaultSpec } from '../../src/core/fault.ts';
import type { DataPlane, ProxyHandle } from '../../src/proxy/contract.ts';
import { createHttpForwarder } from '../../src/proxy/http/forwarder.ts';
import { createDataPlane } from '../../src/proxy/plane.ts';
import { until } from '../support/until.ts';
import { dial, request } from './bench.ts';
import { wire } from './http/wire.ts';

let server: http.Server;
let plane: DataPlane;
let proxy: ProxyHandle;

beforeEach(async () => {
  server = http.createServer((_, response) => response.end('x'.repeat(1000)));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  plane = createDataPlane({ createForwarder: createHttpForwarder });
  const upstream = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  proxy = await plane.addProxy({ name: 'p', protocol: 'http', listen: '127.0.0.1:0', upstream }, true);
});
afterEach(async () => {
  await plane.close();
  server.closeAllConnections();
  server.close();
});

const GET = 'GET / HTTP/1.1\r\nHost: x\r\n\r\n';
const client = () => wire(dial(proxy));
const whole = /\r\n\r\nx{1000}$/;
const seen = () => plane.observation().proxies.p!;

describe('an HTTP proxy', () => {
  test('answers over a link and keeps the connection for the next request', async () => {
    const one = client();
    one.send(GET);
    await one.sees(whole);
    one.send(GET);
    await until(
      'the second has come',
      () => one.text.split('HTTP/1.1 200').length === 3 && whole.test(one.text),
    );
    expect(seen()).toMatchObject({
      connections: { open: 1, new: 1 },
      units: 2,
      status: { '200': { organic: 2, injected: 0 } },
    });
    one.socket.end();
    expect(await one.end()).toBe('fin');
    await until('the link is gone', () => plane.connections().length === 0);
  });

  test('closes the connection by FIN behind an answer that asks for it', async () => {
    const one = client();
    one.send(GET.replace('\r\n\r\n', '\r\nConnection: close\r\n\r\n'));
    expect(await one.end()).toBe('fin');
    expect(one.text).toMatch(whole);
    await until('the link is gone', () => plane.connections().length === 0);
  });

  test('takes byte faults on the client connection of a live session', async () => {
    const one = client();
    one.send(GET);
    await one.sees(whole);
    plane.putFaults(request(1, [{ type: 'latency', attributes: { latency: '60s' } }]));
    one.send(GET);
    await until('the answer is held', () => seen().held.open === 1);
    const before = one.text.length;
    plane.emptyFaults();
    await until('the answer has come', () => one.text.length > before + 1000);

    plane.putFaults(request(2, [{ type: 'limit_data', attributes: { bytes: 200 } }]));
    const other = client();
    other.send(GET);
    expect(await other.end()).toBe('fin');
    expect(other.text).toHaveLength(200);
  });

  test('takes listener faults: held, then served', async () => {
    plane.putFaults(request(1, [{ type: 'blackhole' }]));
    const one = client();
    one.send(GET);
    await until('it is held', () => seen().held.open === 1);
    expect(seen().units).toBe(0);
    plane.emptyFaults();
    await one.sees(whole);
  });

  test('takes HTTP faults, which end when they are emptied', async () => {
    plane.putFaults(request(1, [{ type: 'http_latency', attributes: { latency: '60s' } }]));
    const one = client();
    one.send(GET);
    await until('the request is held', () => seen().held.open === 1);
    plane.emptyFaults();
    await one.sees(whole);
    expect(seen()).toMatchObject({
      status: { '200': { organic: 0, injected: 1 } },
      held: { open: 0 },
      faults: { http_latency_downstream: { matched: 1, injected: 1, skipped: {} } },
    });
  });

  test('resets a client whose request is aborted by RST', async () => {
    plane.putFaults(request(1, [{ type: 'http_abort', attributes: { at: 'request' } }]));
    const one = client();
    one.send(GET);
    expect(await one.end()).toBe('rst');
    await until('the link is gone', () => plane.connections().length === 0);
    expect(seen().connections.reset).toBe(1);
  });

  test('lets the forwarder know at once that a client is gone', async () => {
    let aborted = false;
    server.removeAllListeners('request');
    server.on('request', (incoming) => incoming.on('close', () => (aborted = true)));
    const one = client();
    one.send(GET);
    await until('the request is under way', () => seen().units === 1);
    one.socket.resetAndDestroy();
    await until('the upstream request is cancelled', () => aborted);
  });

  test('loses no byte of an answer in whose midst byte faults come and go, with a reader that rests', async () => {
    const body = randomBytes(12 * 2 ** 20);
    server.removeAllListeners('request');
    server.on('request', (_, response) => response.end(body));
    const agent = new http.Agent({ keepAlive: true, maxSockets: 1 });
    const kinds: readonly Omit<FaultSpec, 'proxy'>[] = [
      { type: 'latency', attributes: { latency: 20 } },
      { type: 'slicer', attributes: { average_size: 50_000, size_variation: 10_000 } },
      { type: 'bandwidth', attributes: { rate: 100_000 } },
    ];
    let epoch = 0;
    for (let round = 0; round < 2; round++) {
      const answer = await fetchFrom(proxy.declaration.listen, agent);
      const hash = createHash('sha256');
      let received = 0;
      let changes = 0;
      for await (const chunk of answer) {
        hash.update(chunk as Buffer);
        received += (chunk as Buffer).length;
        if (received < changes * 2 ** 20) continue;
        if (changes++ % 2 === 0) plane.putFaults(request(++epoch, [kinds[changes % kinds.length]!]));
        else plane.emptyFaults();
        await new Promise((resolve) => setTimeout(resolve, 5));
      }
      plane.emptyFaults();
      expect(changes).toBeGreaterThan(8);
      expect(hash.digest('hex')).toBe(createHash('sha256').update(body).digest('hex'));
    }
    expect(plane.connections()).toHaveLength(1);
    expect(plane.connections()[0]!.bytes.down).toBeGreaterThan(2 * body.length);
    agent.destroy();
  });

  test('holds the upstream back while the client does not read, and cancels it when the client goes', async () => {
    let sent = 0;
    let closed = false;
    server.removeAllListeners('request');
    server.on('request', (_, response) => {
      response.once('close', () => (closed = true));
      const more = () => {
        while (response.write(Buffer.alloc(2 ** 20))) sent++;
        sent++;
      };
      response.on('drain', more);
      more();
    });
    const answer = await fetchFrom(proxy.declaration.listen, new http.Agent());
    let before = -1;
    await until('the upstream stands still', async () => {
      const same = sent === before;
      before = sent;
      await new Promise((resolve) => setTimeout(resolve, 100));
      return same;
    });
    answer.destroy();
    await until('the upstream is cancelled', () => closed);
    expect(seen().status).toEqual({ '200': { organic: 1, injected: 0 } });
  });
});

async function fetchFrom(listen: string, agent: http.Agent): Promise<http.IncomingMessage> {
  const [answer] = await once(http.get(`http://${listen}/`, { agent }), 'response');
  return answer as http.IncomingMessage;
}
