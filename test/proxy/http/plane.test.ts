import { once } from 'node:events';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import type { FaultSpec } from '../../../src/core/fault.ts';
import type { Observation } from '../../../src/core/observation.ts';
import type { DataPlane } from '../../../src/proxy/contract.ts';
import { createHttpForwarder } from '../../../src/proxy/http/forwarder.ts';
import { createDataPlane } from '../../../src/proxy/plane.ts';
import { until } from '../../support/until.ts';
import { dial, type Wire } from './wire.ts';

const GET = 'GET / HTTP/1.1\r\nHost: x\r\n\r\n';

describe('HTTP in a data plane', () => {
  const closing: (() => unknown)[] = [];
  afterEach(async () => {
    for (const close of closing.splice(0).reverse()) await close();
  });

  interface Stage {
    readonly plane: DataPlane;
    readonly client: Wire;
    readonly url: string;
    readonly observations: Observation[];
    readonly logged: string[];
    put(epoch: number, ...faults: Omit<FaultSpec, 'proxy'>[]): void;
  }

  async function stage(handler: http.RequestListener): Promise<Stage> {
    const server = http.createServer(handler);
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const upstream = `127.0.0.1:${(server.address() as AddressInfo).port}`;
    const logged: string[] = [];
    const plane = createDataPlane({ createForwarder: createHttpForwarder, log: (line) => logged.push(line) });
    const proxy = await plane.addProxy(
      { name: 'ai', protocol: 'openai', listen: '127.0.0.1:0', upstream },
      true,
    );
    const client = await dial(Number(proxy.declaration.listen.split(':')[1]));
    const observations: Observation[] = [];
    closing.push(
      () => {
        server.closeAllConnections();
        server.close();
      },
      () => plane.close(),
      () => client.socket.destroy(),
      plane.observe((observation) => observations.push(observation)),
    );
    return {
      plane,
      client,
      url: `http://${proxy.declaration.listen}`,
      observations,
      logged,
      put(epoch, ...faults) {
        const asked = faults.map((fault) => ({ proxy: 'ai', ...fault }));
        plane.putFaults({ run: 'test', epoch, lease: '5m', seed: 7, faults: asked });
      },
    };
  }

  /** Sends an event, and leaves the stream open. */
  const endless =
    (closed: () => void = () => {}): http.RequestListener =>
    (_, response) => {
      response.on('close', closed);
      response.setHeader('content-type', 'text/event-stream');
      response.write('data: a\n\n');
    };

  it.each([
    ['ends its side', (client: Wire) => client.socket.end()],
    ['resets', (client: Wire) => client.socket.resetAndDestroy()],
  ])('cancels the upstream when the client %s', async (_, leave) => {
    let cancelled = false;
    const { client } = await stage(
      endless(() => {
        cancelled = true;
      }),
    );
    client.send(GET);
    await client.sees('data: a');
    leave(client);
    await until('the upstream is cancelled', () => cancelled);
  });

  it('judges the request and delays the bytes of its answer, both at once', async () => {
    const { client, put, plane } = await stage(endless());
    put(
      1,
      { type: 'latency', attributes: { latency: '1h' } },
      { type: 'http_error', attributes: { status: 503 } },
    );
    client.send(GET);
    await until('the answer was made', () => plane.state().faults[1]!.injected === 1);
    expect(client.text).toBe('');
    plane.emptyFaults();
    await client.sees('503 Service Unavailable');
  });

  it('cuts behind bytes that a bytes fault still delays', async () => {
    const { client, put } = await stage((_, response) => {
      response.setHeader('content-type', 'text/event-stream');
      response.write('data: a\n\ndata: b\n\n');
    });
    put(
      1,
      { type: 'latency', attributes: { latency: 80 } },
      { type: 'ai_stream_cut', attributes: { afterEvents: 1 } },
    );
    client.send(GET);
    await client.end();
    expect(client.text).toContain('data: a\n\n');
    expect(client.text).not.toContain('data: b');
  });

  it('renews a delay for requests to come', async () => {
    const { url, put, plane } = await stage((_, response) => response.end('ok'));
    put(1, { type: 'http_latency', attributes: { latency: '1h' } });
    put(1, { type: 'http_latency', attributes: { latency: 10 } });
    expect(await (await fetch(url)).text()).toBe('ok');
    expect(plane.state().faults[0]).toMatchObject({ matched: 1, injected: 1, attributes: { latency: 10 } });
  });

  it('asks manual toxics before leased faults', async () => {
    const { url, put, plane } = await stage((_, response) => response.end('ok'));
    put(1, { type: 'http_error', attributes: { status: 503 } });
    const toxic = {
      name: 'mine',
      type: 'http_error',
      stream: 'downstream',
      toxicity: 1,
      attributes: { status: 418 },
    };
    plane.proxy('ai')!.addToxic(toxic as never);
    expect((await fetch(url)).status).toBe(418);
    expect(plane.state().faults[0]).toMatchObject({ injected: 0, skipped: { preempted: 1 } });
    plane.proxy('ai')!.removeToxic('mine');
    expect((await fetch(url)).status).toBe(503);
  });

  it('draws toxicity per request, the same share for the same seed', async () => {
    const { url, put, plane } = await stage((_, response) => response.end('ok'));
    put(1, { type: 'http_error', toxicity: 0.5 });
    const statuses: number[] = [];
    for (let request = 0; request < 40; request++) statuses.push((await fetch(url)).status);
    const hit = statuses.filter((status) => status === 500).length;
    expect(hit).toBeGreaterThan(8);
    expect(hit).toBeLessThan(32);
    expect(plane.state().faults[0]).toMatchObject({
      matched: 40,
      injected: hit,
      skipped: { toxicity: 40 - hit },
    });
  });

  it('observes statuses, retries and faults, and nothing of what was said', async () => {
    const { url, put, plane, observations, logged } = await stage((request, response) => {
      request.resume();
      response.statusCode = request.headers['x-stainless-retry-count'] === '1' ? 200 : 404;
      response.setHeader('x-secret', 'sk-marked');
      response.end('marked-answer');
    });
    const ask = (retry: string) =>
      fetch(`${url}/v1/marked-path?key=marked-query`, {
        method: 'POST',
        headers: {
          authorization: 'Bearer sk-marked',
          'content-type': 'application/json',
          'x-stainless-retry-count': retry,
        },
        body: '{"model":"m","messages":[{"content":"marked-prompt"}]}',
      }).then((response) => response.text());
    put(1, {
      id: 'limit',
      type: 'ai_error',
      attributes: { kind: 'rate_limit' },
      match: { first: 1, model: 'm' },
    });
    for (const retry of ['0', '1', '2']) await ask(retry);
    const seen = await until('the requests are observed', () =>
      observations.find(({ proxies }) => proxies.ai?.units === 3),
    );
    expect(seen.proxies.ai).toMatchObject({
      retries: 2,
      // The first was answered by the fault: nobody pays for it.
      sentOn: { requests: 2, retries: 2 },
      // That something is not there may be just the answer.
      clients: { failed: 1, followed: 1, longestChain: 2, open: 0 },
      status: {
        '429': { organic: 0, injected: 1 },
        '200': { organic: 1, injected: 0 },
        '404': { organic: 1, injected: 0 },
      },
      held: { open: 0 },
      faults: { limit: { matched: expect.any(Number), injected: 1 } },
    });
    expect(seen.proxies.ai!.latency.organic).not.toBe('');
    expect(seen.proxies.ai!.latency.injected).not.toBe('');
    expect(JSON.stringify([observations, plane.state(), logged])).not.toMatch(/marked/);
  });

  it('lets go of a stalled stream when the lease runs out', async () => {
    const { client, plane } = await stage((_, response) => {
      response.setHeader('content-type', 'text/event-stream');
      response.end('data: a\n\ndata: b\n\n');
    });
    const fault = { proxy: 'ai', type: 'ai_stream_stall', attributes: { afterEvents: 1 } };
    plane.putFaults({ run: 'test', epoch: 1, lease: '1s', seed: 1, faults: [fault] });
    client.send(GET);
    await until('the stream is stalled', () => plane.state().faults[0]?.injected === 1);
    await client.sees('data: a');
    expect(client.text).not.toContain('data: b');
    await client.sees(/data: b[\s\S]*\r\n0\r\n\r\n$/);
    expect(plane.state().faults).toEqual([]);
  });
});
