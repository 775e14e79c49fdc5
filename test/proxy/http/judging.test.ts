import { once } from 'node:events';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { aiError } from '../../../src/faults/ai_error.ts';
import { aiStreamCut } from '../../../src/faults/ai_stream_cut.ts';
import { aiStreamStall } from '../../../src/faults/ai_stream_stall.ts';
import type { HttpBehaviour, HttpFault } from '../../../src/faults/contract.ts';
import { httpAbort } from '../../../src/faults/http_abort.ts';
import { httpError } from '../../../src/faults/http_error.ts';
import { httpLatency } from '../../../src/faults/http_latency.ts';
import { ON_HTTP } from '../../../src/faults/on-http.ts';
import { until } from '../../support/until.ts';
import { type Front, type HandFault, inForce, startFront } from './front.ts';
import { dial } from './wire.ts';

const JSON_TYPE = { 'content-type': 'application/json' };

/** A fault made of hooks. */
function probe(behaviour: HttpBehaviour): HttpFault {
  return {
    ...ON_HTTP,
    type: 'probe',
    attributes: z.strictObject({}),
    summary: '',
    undo: '',
    endsConnections: false,
    addedLatency: () => 0,
    explain: () => '',
    create: () => behaviour,
  };
}

describe('Judging a request', () => {
  const closing: (() => unknown)[] = [];
  afterEach(async () => {
    for (const close of closing.splice(0).reverse()) await close();
  });

  async function stage(
    handler: http.RequestListener,
    ...faults: HandFault[]
  ): Promise<{ front: Front; seen: http.IncomingMessage[] }> {
    const seen: http.IncomingMessage[] = [];
    const server = http.createServer((request, response) => {
      seen.push(request);
      handler(request, response);
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const upstream = `127.0.0.1:${(server.address() as AddressInfo).port}`;
    const front = await startFront(upstream, { protocol: 'openai', faults });
    closing.push(
      () => {
        server.closeAllConnections();
        server.close();
      },
      () => front.close(),
    );
    return { front, seen };
  }
  const echo: http.RequestListener = (request, response) => void request.pipe(response);

  it('adds delays, and gives the unit to the first fault that ends it', async () => {
    const first = inForce(httpLatency, { latency: 30 });
    const second = inForce(httpLatency, { latency: 30 });
    const winner = inForce(httpError, { status: 503 });
    const late = inForce(httpAbort, {});
    const cut = inForce(aiStreamCut, {});
    const { front, seen } = await stage(echo, first, second, winner, late, cut);
    const began = performance.now();
    expect((await fetch(front.url)).status).toBe(503);
    expect(performance.now() - began).toBeGreaterThan(55);
    for (const fault of [first, second, winner])
      expect(fault.counts).toMatchObject({ injected: 1, skipped: [] });
    for (const fault of [late, cut])
      expect(fault.counts).toEqual({ matched: 1, injected: 0, skipped: ['preempted'] });
    expect(seen).toHaveLength(0);
  });

  it('leaves out a fault that was taken back while the one before it held the request', async () => {
    const hold = inForce(httpLatency, { latency: '1h' });
    const error = inForce(httpError, { status: 503 });
    const { front } = await stage((_, response) => response.end('real'), hold, error);
    const answer = fetch(front.url);
    await until('the request is held', () => front.metered.held === 1);
    front.put();
    expect(await (await answer).text()).toBe('real');
    expect(error.counts).toEqual({ matched: 1, injected: 0, skipped: ['taken back'] });
  });

  it('shows faults the client, the method, the path without its query, and the headers', async () => {
    const fault = inForce(probe({}));
    const { front } = await stage(echo, fault);
    await fetch(`${front.url}/v1/x?key=secret`, { method: 'PUT', headers: { 'x-tenant': 'a' }, body: 'b' });
    expect(fault.facts).toMatchObject([
      { client: '127.0.0.1', method: 'PUT', path: '/v1/x', headers: { 'x-tenant': 'a' }, model: undefined },
    ]);
  });

  it('reads the model only where a fault asks for it, and forwards the body as it came', async () => {
    const narrow = inForce(httpError, {}, { model: 'gpt-4o' });
    const { front } = await stage(echo, narrow);
    const send = async (model: string) => {
      const body = JSON.stringify({ model, stream: true, pad: 'x'.repeat(100_000) });
      const response = await fetch(front.url, { method: 'POST', headers: JSON_TYPE, body });
      return response.status === 200 && (await response.text()) === body ? 'whole' : response.status;
    };
    expect(await send('gpt-4o')).toBe(500);
    expect(await send('gpt-4o-mini')).toBe('whole');
    expect(narrow.facts.map(({ model }) => model)).toEqual(['gpt-4o', 'gpt-4o-mini']);
  });

  it('does not wait for a body that no fault asks for', async () => {
    const fault = inForce(probe({}));
    const { front, seen } = await stage(echo, fault);
    const client = await dial(front.port);
    closing.push(() => client.socket.destroy());
    client.send(
      'POST / HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 10\r\n\r\n{"mo',
    );
    await until('the upstream was asked', () => seen.length === 1);
    expect(fault.facts[0]!.model).toBeUndefined();
  });

  it('forwards a body too long to be read for its model, whole', async () => {
    const fault = inForce(aiError, {}, { model: 'never' });
    const { front } = await stage(echo, fault);
    const body = JSON.stringify({ pad: 'y'.repeat(5 * 1024 * 1024), model: 'never' });
    const chunked = new Blob([body]).stream();
    for (const sent of [body, chunked]) {
      const init = { method: 'POST', headers: JSON_TYPE, body: sent, duplex: 'half' } as RequestInit;
      expect(await (await fetch(front.url, init)).text()).toBe(body);
    }
    expect(fault.facts.map(({ model }) => model)).toEqual([undefined, undefined]);
  });

  it('asks a client that waits with `Expect` for its body where a fault must read it', async () => {
    const fault = inForce(aiError, {}, { model: 'other' });
    const { front, seen } = await stage(echo, fault);
    const client = await dial(front.port);
    closing.push(() => client.socket.destroy());
    client.send(
      'POST / HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Type: application/json\r\nContent-Length: 13\r\n\r\n',
    );
    await client.sees('100 Continue');
    client.send('{"model":"m"}');
    await client.sees(/200 OK[\s\S]*\{"model":"m"\}/);
    expect(fault.facts[0]!.model).toBe('m');
    expect(seen[0]!.headers.expect).toBeUndefined();
  });

  it('lets comments of a stream pass uncounted, while events are', async () => {
    const events: string[] = [];
    const fault = inForce(
      probe({
        event(event, index) {
          events.push(`${index} ${event.toString().trim()}`);
          return { do: 'pass' };
        },
      }),
    );
    const { front } = await stage((_, response) => {
      response.setHeader('content-type', 'text/event-stream');
      response.end(': ping\n\ndata: a\n\n: ping\n\ndata: b\n\n');
    }, fault);
    expect(await (await fetch(front.url)).text()).toBe(': ping\n\ndata: a\n\n: ping\n\ndata: b\n\n');
    expect(events).toEqual(['0 data: a', '1 data: b']);
  });

  it('sends what one fault replaced through the next, and keeps what one keeps', async () => {
    const upper = probe({
      chunk: (chunk) => ({ do: 'replace', with: Buffer.from(chunk.toString().toUpperCase()) }),
    });
    const keepFirst = probe({ chunk: (_, offset) => ({ do: offset === 0 ? 'keep' : 'pass' }) });
    const seenByLast: string[] = [];
    const last = probe({
      chunk(chunk) {
        seenByLast.push(chunk.toString());
        return { do: 'pass' };
      },
    });
    const { front } = await stage(
      async (_, response) => {
        response.write('one ');
        await new Promise((resolve) => setTimeout(resolve, 30));
        response.end('two');
      },
      ...[upper, keepFirst, last].map((fault) => inForce(fault)),
    );
    expect(await (await fetch(front.url)).text()).toBe('ONE TWO');
    expect(seenByLast.join('')).toBe('ONE TWO');
  });

  it('gives way to a client that goes away while its stream is held', async () => {
    const fault = inForce(aiStreamStall, { afterEvents: 1 });
    let cancelled = false;
    const { front } = await stage((_, response) => {
      response.on('close', () => {
        cancelled = !response.writableFinished;
      });
      response.setHeader('content-type', 'text/event-stream');
      response.write('data: a\n\ndata: b\n\n');
    }, fault);
    const aborting = new AbortController();
    const answer = await fetch(front.url, { signal: aborting.signal });
    await until('the stream is held', () => front.metered.held === 1);
    aborting.abort();
    await until('the upstream is cancelled', () => cancelled);
    await answer.text().catch(() => {});
    expect(front.metered).toMatchObject({ held: 0, answers: [{ status: '200', injected: true }] });
  });

  it('breaks a judged stream where the upstream breaks it, behind all that came', async () => {
    const fault = inForce(aiStreamCut, { afterEvents: 9 });
    const { front } = await stage((_, response) => {
      response.setHeader('content-type', 'text/event-stream');
      response.write('data: a\n\ndata: ha', () => response.destroy());
    }, fault);
    const client = await dial(front.port);
    closing.push(() => client.socket.destroy());
    client.send('GET / HTTP/1.1\r\nHost: x\r\n\r\n');
    await client.end();
    expect(client.text).toMatch(/data: a\n\n[\s\S]*data: ha/);
    expect(client.text.endsWith('0\r\n\r\n')).toBe(false);
    expect(front.metered.answers).toMatchObject([{ status: 'error', injected: false }]);
  });

  it('breaks only its own exchange where a fault throws, and quotes nothing of it', async () => {
    const throwing = inForce(
      probe({
        request() {
          throw new TypeError('a marked secret');
        },
      }),
    );
    const { front } = await stage((_, response) => response.end('ok'), throwing);
    const warned = new Promise<Error>((resolve) => process.once('warning', resolve));
    await expect(fetch(front.url)).rejects.toThrow();
    expect((await warned).message).toBe('an exchange was broken off: TypeError');
    front.put();
    expect(await (await fetch(front.url)).text()).toBe('ok');
  });

  it('cuts the answer to a pipelined request behind the answers before it', async () => {
    const { front } = await stage(async (request, response) => {
      if (request.url === '/slow') await new Promise((resolve) => setTimeout(resolve, 50));
      response.end(request.url);
    });
    const client = await dial(front.port);
    closing.push(() => client.socket.destroy());
    const abort = inForce(probe({ request: () => ({ do: 'abort', how: 'fin' }) }));
    client.send('GET /slow HTTP/1.1\r\nHost: x\r\n\r\n');
    await until('the first request came', () => front.metered.units === 1);
    front.put(abort);
    client.send('GET /cut HTTP/1.1\r\nHost: x\r\n\r\n');
    expect(await client.end()).toBe('fin');
    expect(client.text).toMatch(/200 OK[\s\S]*\/slow$/);
  });
});
