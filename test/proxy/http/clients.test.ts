import { once } from 'node:events';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import OpenAI from 'openai';
import { afterEach, describe, expect, it } from 'vitest';
import type { FaultSpec } from '../../../src/core/fault.ts';
import type { ClientBehaviour } from '../../../src/core/observation.ts';
import type { Protocol } from '../../../src/core/protocol.ts';
import { createHttpForwarder } from '../../../src/proxy/http/forwarder.ts';
import { createDataPlane } from '../../../src/proxy/plane.ts';
import { until } from '../../support/until.ts';
import { waitsOf } from '../clients/backoff.ts';

const closing: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

async function stage(handler: http.RequestListener, protocol: Protocol = 'openai') {
  const server = http.createServer(handler);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const upstream = `127.0.0.1:${(server.address() as AddressInfo).port}`;
  const plane = createDataPlane({ createForwarder: createHttpForwarder });
  const proxy = await plane.addProxy({ name: 'p', protocol, listen: '127.0.0.1:0', upstream }, true);
  closing.push(
    () => {
      server.closeAllConnections();
      server.close();
    },
    () => plane.close(),
  );
  const url = `http://${proxy.declaration.listen}`;
  let epoch = 0;
  return {
    url,
    ask: (content: string, path = '/v1/chat/completions') =>
      fetch(url + path, { method: 'POST', body: JSON.stringify({ model: 'm', messages: [{ content }] }) }),
    openai: (maxRetries: number, timeout = 20_000) =>
      new OpenAI({ apiKey: 'sk-marked', baseURL: `${url}/v1`, maxRetries, timeout }),
    seen: (): ClientBehaviour => plane.observation().proxies.p!.clients!,
    put(...faults: Omit<FaultSpec, 'proxy'>[]) {
      const asked = faults.map((fault) => ({ proxy: 'p', ...fault }));
      plane.putFaults({ run: 'test', epoch: ++epoch, lease: '5m', seed: 7, faults: asked });
    },
  };
}

const chunk = (delta: object, finish: string | null = null) =>
  `data: ${JSON.stringify({ id: 'c', object: 'chat.completion.chunk', choices: [{ index: 0, delta, finish_reason: finish }] })}\n\n`;
const STREAM = [
  chunk({ role: 'assistant', content: '' }),
  chunk({ content: 'data: [DONE]' }),
  chunk({}, 'stop'),
  'data: [DONE]\n\n',
];
const streams =
  (...events: string[]): http.RequestListener =>
  (request, response) => {
    request.resume();
    response.setHeader('content-type', 'text/event-stream');
    for (const event of events) response.write(event);
    response.end();
  };
const answers =
  (status: number, headers: http.OutgoingHttpHeaders = {}): http.RequestListener =>
  (request, response) => {
    request.resume();
    response.writeHead(status, headers).end('{}');
  };

const CHAT = { model: 'm', messages: [{ role: 'user' as const, content: 'marked prompt' }] };

describe('the OpenAI SDK', () => {
  it('is seen to come again with its own back-off', async () => {
    const { openai, seen, put } = await stage(answers(200, { 'content-type': 'application/json' }));
    put({ type: 'ai_error', attributes: { kind: 'server_error' }, match: { first: 2 } });
    await openai(2).chat.completions.create(CHAT);
    const { failed, followed, longestChain, backoff, retryAfter } = seen();
    expect({ failed, followed, longestChain }).toEqual({ failed: 2, followed: 2, longestChain: 3 });
    expect(retryAfter).toEqual({ told: 0, kept: 0, early: 0 });
    // 0.5 s and 1 s, less a quarter at most.
    expect(waitsOf(backoff[0]).minMs).toBeGreaterThan(370);
    expect(waitsOf(backoff[1]).minMs).toBeGreaterThan(740);
    expect(JSON.stringify(seen())).not.toContain('marked');
  });

  it('is seen to keep to the time that it is told, by a fault and by the provider itself', async () => {
    const { openai, seen, put } = await stage((request, response) => {
      const again = request.headers['x-stainless-retry-count'] === '2';
      const handler = again
        ? answers(200, { 'content-type': 'application/json' })
        : answers(429, { 'retry-after-ms': '60' });
      handler(request, response);
    });
    put({ type: 'ai_error', attributes: { kind: 'rate_limit', retryAfter: '80ms' }, match: { first: 1 } });
    await openai(2).chat.completions.create(CHAT);
    expect(seen()).toMatchObject({ failed: 2, followed: 2, retryAfter: { told: 2, kept: 2, early: 0 } });
  });

  it('is seen to give up when its time is out, and to come again', async () => {
    const { openai, seen } = await stage(() => {});
    await expect(openai(1, 200).chat.completions.create(CHAT)).rejects.toThrow();
    await until('both are given up', () => seen().abandoned.count === 2);
    const { abandoned, open, failed, followed } = seen();
    expect({ open, failed, followed }).toEqual({ open: 0, failed: 2, followed: 1 });
    expect(waitsOf(abandoned.age).minMs).toBeGreaterThan(150);
  });
});

describe('a client that hammers', () => {
  it('is seen to come too early, every 50 ms', async () => {
    const { ask, seen } = await stage(answers(503, { 'retry-after': '5' }));
    for (let time = 0; time < 5; time++) {
      await (await ask('same')).text();
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    const { backoff, ...rest } = seen();
    expect(rest).toMatchObject({
      failed: 5,
      followed: 4,
      longestChain: 5,
      retryAfter: { told: 5, kept: 0, early: 4 },
    });
    expect(backoff.map((text) => waitsOf(text).count)).toEqual([1, 1, 2]);
  });
});

describe('a request', () => {
  it('is known by its body, not by its headers; and on plain HTTP by its query', async () => {
    const { url, seen } = await stage(answers(503), 'http');
    const get = async (path: string, header: string) =>
      (await fetch(url + path, { headers: { 'x-time': header } })).text();
    await get('/a?b=1', '1');
    await get('/a?b=1', '2');
    await get('/a?b=2', '2');
    expect(seen()).toMatchObject({ failed: 3, followed: 1 });
  });

  it('whose body is long is known by its beginning', async () => {
    const { ask, seen } = await stage(answers(503));
    const long = 'x'.repeat(300_000);
    for (const content of [long, long, `y${long.slice(1)}`]) await (await ask(content)).text();
    expect(seen()).toMatchObject({ failed: 3, followed: 1 });
  });

  it('is known where a fault broke it off before it was read', async () => {
    const { ask, seen, put } = await stage(answers(200), 'http');
    put({ type: 'http_abort', attributes: { at: 'request' }, match: { first: 1 } });
    await expect(ask('same')).rejects.toThrow();
    await (await ask('same')).text();
    expect(seen()).toMatchObject({ failed: 1, followed: 1, abandoned: { count: 0 } });
  });

  it('is a duplicate while the same is under way', async () => {
    const waiting: http.ServerResponse[] = [];
    const { ask, seen } = await stage((request, response) => {
      request.resume();
      waiting.push(response);
    });
    const both = [ask('same'), ask('same'), ask('other')];
    await until('all are there', () => waiting.length === 3);
    expect(seen()).toMatchObject({ open: 3, duplicates: 2 });
    for (const response of waiting) response.end();
    await Promise.all(both);
    await until('all are over', () => seen().open === 0);
    expect(seen()).toMatchObject({ failed: 0, duplicates: 2 });
  });

  it.each([
    ['that the request itself was wrong', 404, undefined, 0],
    ['so by a fault', 200, { type: 'http_error', attributes: { status: 404 } }, 1],
    ['that the server is at fault', 500, undefined, 1],
  ])('failed, or not, where its answer says %s', async (_, status, fault, failed) => {
    const { ask, seen, put } = await stage(answers(status), 'http');
    if (fault) put(fault);
    await (await ask('a')).text();
    expect(seen().failed).toBe(failed);
  });

  it('failed where nobody was there to answer it', async () => {
    const { ask, seen } = await stage((request) => request.socket.destroy());
    await (await ask('a')).text();
    expect(seen().failed).toBe(1);
  });
});

describe('a stream', () => {
  it('that came to its end is whole', async () => {
    const { ask, seen } = await stage(streams(...STREAM));
    await (await ask('a')).text();
    expect(seen()).toMatchObject({ failed: 0, truncated: { count: 0, followed: 0 } });
  });

  it('that a fault cut well is truncated, and it is seen who comes again for it', async () => {
    const { ask, seen, put } = await stage(streams(...STREAM));
    put({ type: 'ai_stream_cut', attributes: { afterEvents: 2, with: 'clean' } });
    for (const content of ['a', 'a', 'b']) await (await ask(content)).text();
    expect(seen()).toMatchObject({ failed: 0, truncated: { count: 3, followed: 1 } });
  });

  it('that the provider itself ended without its last event is truncated', async () => {
    const { ask, seen } = await stage(streams(...STREAM.slice(0, 2)));
    await (await ask('a')).text();
    expect(seen()).toMatchObject({ failed: 0, truncated: { count: 1, followed: 0 } });
  });

  it('that broke off failed', async () => {
    const { ask, seen, put } = await stage(streams(...STREAM));
    put({ type: 'ai_stream_cut', attributes: { afterEvents: 2, with: 'fin' } });
    await expect(ask('a').then((response) => response.text())).rejects.toThrow();
    expect(seen()).toMatchObject({ failed: 1, truncated: { count: 0 }, abandoned: { count: 0 } });
  });

  it('in which an error came failed', async () => {
    const { ask, seen, put } = await stage(streams(...STREAM));
    put({ type: 'ai_stream_error', attributes: { afterEvents: 1, kind: 'server_error' } });
    await (await ask('a')).text();
    expect(seen()).toMatchObject({ failed: 1, truncated: { count: 0 } });
  });
});
