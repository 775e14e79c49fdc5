import { once } from 'node:events';
import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createServer as createTcpServer } from 'node:net';
import { setTimeout as wait } from 'node:timers/promises';
import { afterEach, describe, expect, test } from 'vitest';
import type { LoadRequest, LoadSpec } from '../../src/core/plan.ts';
import { type LoadRun, startLoad } from '../../src/load/index.ts';
import { until } from '../support/until.ts';

const ending: (() => Promise<unknown> | unknown)[] = [];
afterEach(async () => {
  for (const end of ending.splice(0).reverse()) await end();
});

async function serve(listener: RequestListener, port = 0): Promise<Server & { readonly port: number }> {
  const server = createServer(listener);
  server.listen(port, '127.0.0.1');
  await once(server, 'listening');
  ending.push(() => close(server));
  return Object.assign(server, { port: (server.address() as AddressInfo).port });
}

function close(server: Server): void {
  server.closeAllConnections();
  server.close();
}

function request(path: string, rest: Partial<LoadRequest> = {}): LoadRequest {
  return { method: 'GET', path, headers: {}, weight: 1, ...rest };
}

function loading(port: number, rest: Partial<LoadSpec> = {}): LoadRun {
  const load = startLoad({
    target: `http://127.0.0.1:${port}`,
    connections: 10,
    rate: 40,
    requests: [request('/')],
    ...rest,
  });
  ending.push(() => load.stop().catch(() => {}));
  return load;
}

describe('a load', () => {
  test('sends its rate over all connections until it is stopped, and says what it saw', async () => {
    const at: number[] = [];
    const { port } = await serve((_, response) => {
      at.push(performance.now());
      response.end('ok');
    });
    const load = loading(port);
    await until('it has sent for a while', () => at.length >= 120);
    const seen = at.length;
    const summary = await load.stop();
    const seconds = (at.at(-1)! - at[0]!) / 1000;
    // 40 a second are asked for; a busy machine may send fewer, and makes up for it in bursts.
    expect(seen / seconds).toBeLessThan(60);
    expect(summary).toMatchObject({ errors: 0, timeouts: 0, non2xx: 0 });
    expect(summary.requests).toBeGreaterThanOrEqual(seen - 10);
    expect(summary.requests).toBeLessThanOrEqual(at.length);
    expect(summary.p50).toBeGreaterThan(0);
    expect(summary.p99).toBeGreaterThanOrEqual(summary.p50);
    const after = at.length;
    await wait(1200);
    expect(at.length).toBe(after);
    expect(await load.stop()).toEqual(summary);
  });

  test('mixes its requests by their weights, with their headers and bodies', async () => {
    const counts: Record<string, number> = {};
    const bodies = new Set<string>();
    const { port } = await serve(async (incoming, response) => {
      const chunks: Buffer[] = [];
      for await (const chunk of incoming) chunks.push(chunk as Buffer);
      const kind = `${incoming.method} ${incoming.url} ${incoming.headers['x-kind'] ?? ''}`;
      counts[kind] = (counts[kind] ?? 0) + 1;
      if (incoming.method === 'POST') bodies.add(Buffer.concat(chunks).toString());
      response.end();
    });
    const load = loading(port, {
      rate: 80,
      requests: [
        request('/read', { weight: 3 }),
        request('/write', { method: 'POST', headers: { 'x-kind': 'task' }, body: '{"a":1}' }),
      ],
    });
    await until('80 requests came', () => Object.values(counts).reduce((sum, count) => sum + count, 0) >= 80);
    await load.stop();
    expect(Object.keys(counts).toSorted()).toEqual(['GET /read ', 'POST /write task']);
    expect(counts['GET /read ']! / counts['POST /write task']!).toBeGreaterThan(2);
    expect(counts['GET /read ']! / counts['POST /write task']!).toBeLessThan(4);
    expect([...bodies]).toEqual(['{"a":1}']);
  });

  test('counts other answers than 2xx', async () => {
    let count = 0;
    const { port } = await serve((_, response) => response.writeHead(count++ % 2 === 0 ? 503 : 200).end());
    const load = loading(port);
    await until('20 requests came', () => count >= 20);
    const summary = await load.stop();
    expect(summary.non2xx).toBeGreaterThanOrEqual(5);
    expect(summary.non2xx).toBeLessThan(summary.requests);
  });

  test('goes on while its target is down, at its own rate, and is back with it', async () => {
    let count = 0;
    const listener: RequestListener = (_, response) => {
      count++;
      response.end('ok');
    };
    const first = await serve(listener);
    const load = loading(first.port);
    await until('it sends', () => count > 10);
    close(first);
    await wait(3000);
    const before = count;
    await serve(listener, first.port);
    await until('it sends again', () => count > before + 10);
    const summary = await load.stop();
    expect(summary.errors).toBeGreaterThan(0);
    // Not as fast as a connection can be refused, which is thousands a second.
    expect(summary.errors).toBeLessThan(400);
  });

  test('can begin while its target is down', async () => {
    let ms = 1000;
    const { summary, seconds } = await until('refusals are counted', async () => {
      const began = performance.now();
      const load = loading(1);
      ms *= 2;
      await wait(ms);
      const seen = await load.stop();
      return seen.errors > 5 && { summary: seen, seconds: (performance.now() - began) / 1000 };
    });
    expect(summary.errors / seconds).toBeLessThan(120);
    expect(summary).toMatchObject({ p50: 0, p99: 0 });
  });

  test('counts as errors what a target hangs up on, at its own rate', async () => {
    let accepted = 0;
    const server = createTcpServer((socket) => {
      accepted++;
      socket.on('error', () => {});
      socket.once('data', () => socket.end());
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    ending.push(() => server.close());
    const load = loading((server.address() as AddressInfo).port);
    await until('40 connections were made', () => accepted >= 40);
    const summary = await load.stop();
    expect(summary.errors).toBeGreaterThanOrEqual(20);
    expect(accepted).toBeLessThan(400);
  });

  test('has no more requests under way than connections when its target stalls', async () => {
    let open = 0;
    const { port } = await serve(() => {
      open++;
    });
    const load = loading(port, { connections: 5, rate: 50 });
    await until('all connections are taken', () => open >= 5);
    await wait(1500);
    expect(open).toBe(5);
    expect(await load.stop()).toMatchObject({ requests: 0, errors: 0 });
  });

  test('refuses a variable that may not be used', () => {
    const spec: LoadSpec = {
      target: 'http://127.0.0.1:1',
      connections: 1,
      rate: 1,
      requests: [request('/', { headers: { authorization: 'Bearer ${TOKEN}' } })],
    };
    expect(() => startLoad(spec, { environment: { TOKEN: 'x' }, allowed: [] })).toThrow(
      'variable TOKEN is not listed under "env" in safety-limits.yaml',
    );
  });
});
