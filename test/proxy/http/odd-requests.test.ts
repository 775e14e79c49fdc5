import { once } from 'node:events';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import zlib from 'node:zlib';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { aiError } from '../../../src/faults/ai_error.ts';
import { aiFinish } from '../../../src/faults/ai_finish.ts';
import { aiMalformed } from '../../../src/faults/ai_malformed.ts';
import { aiStreamCut } from '../../../src/faults/ai_stream_cut.ts';
import { aiTtft } from '../../../src/faults/ai_ttft.ts';
import { httpError } from '../../../src/faults/http_error.ts';
import { httpTruncate } from '../../../src/faults/http_truncate.ts';
import { rateLimit } from '../../../src/faults/rate_limit.ts';
import { chatEvent, dechunk } from '../../faults/http-stage.ts';
import { type Front, inForce, startFront } from './front.ts';
import { dial, type Wire } from './wire.ts';

const STREAM = [0, 1, 2].map(chatEvent);

describe('Odd requests under faults', () => {
  let front: Front;
  let client: Wire;
  let seen: http.IncomingMessage[] = [];
  const server = http.createServer((request, response) => {
    seen.push(request);
    const path = request.url ?? '';
    if (path === '/204') response.writeHead(204).end();
    else if (path === '/304') response.writeHead(304).end();
    else if (path === '/stream') {
      const head = request.method === 'HEAD';
      response.writeHead(200, { 'content-type': 'text/event-stream', ...(head ? {} : { trailer: 'x-end' }) });
      response.write(STREAM.join(''));
      if (!head) response.addTrailers({ 'x-end': 'yes' });
      response.end('data: [DONE]\n\n');
    } else if (path === '/packed') {
      response.writeHead(200, { 'content-type': 'text/event-stream', 'content-encoding': 'gzip' });
      response.end(zlib.gzipSync(STREAM.join('')));
    } else {
      response.setHeader('content-type', 'application/json');
      request.pipe(response);
    }
  });
  beforeAll(async () => {
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    front = await startFront(`127.0.0.1:${(server.address() as AddressInfo).port}`, { protocol: 'openai' });
  });
  afterEach(() => {
    client.socket.destroy();
    front.put();
    seen = [];
  });
  afterAll(async () => {
    await front.close();
    server.closeAllConnections();
    server.close();
  });

  async function send(text: string | Buffer): Promise<Wire> {
    client = await dial(front.port);
    client.send(text);
    return client;
  }
  const get = (path: string, more = '') => `GET ${path} HTTP/1.1\r\nHost: x\r\n${more}\r\n`;

  it('with a byte above 0x7f in their path are no HTTP: 400, under faults too, and others are served', async () => {
    for (const faults of [[], [inForce(aiFinish)]]) {
      front.put(...faults);
      await send(get('/\u00c3\u00a4?x=\u00ff'));
      await client.sees('HTTP/1.1 400 Bad Request');
      client.socket.destroy();
      expect((await fetch(`${front.url}/%C3%A4?x=%FF`)).status).toBe(200);
      expect(seen.map(({ url }) => url)).toEqual(['/%C3%A4?x=%FF']);
      seen = [];
    }
  });

  it('by HEAD get a head alone, whatever a fault would do with a body', async () => {
    for (const fault of [inForce(aiTtft), inForce(httpTruncate), inForce(aiMalformed), inForce(rateLimit)]) {
      front.put(fault);
      await send(`HEAD /stream HTTP/1.1\r\nHost: x\r\n\r\n${get('/204')}`);
      await client.sees(
        /^HTTP\/1\.1 200 OK\r\n[\s\S]*?\r\n\r\nHTTP\/1\.1 204 No Content\r\n[\s\S]*\r\n\r\n$/,
      );
      client.socket.destroy();
    }
  });

  it('by HEAD get no body of a fault', async () => {
    front.put(inForce(aiError));
    await send(`HEAD /x HTTP/1.1\r\nHost: x\r\n\r\n${get('/x')}`);
    await client.sees(/^HTTP\/1\.1 500 [^{]*\r\n\r\nHTTP\/1\.1 500 [\s\S]*\{"error"[\s\S]*\}$/);
  });

  it.each(['204', '304'])('answered by %s pass under faults that would change a body', async (status) => {
    front.put(inForce(aiFinish), inForce(aiMalformed), inForce(httpTruncate), inForce(aiTtft));
    await send(get(`/${status}`) + get('/304'));
    await client.sees(
      new RegExp(`^HTTP/1\\.1 ${status} [\\s\\S]*\\r\\n\\r\\nHTTP/1\\.1 304 [\\s\\S]*\\r\\n\\r\\n$`),
    );
    expect(client.text).not.toMatch(/chunked/i);
  });

  it('in HTTP/1.0 get a rewritten stream until their connection ends', async () => {
    front.put(inForce(aiMalformed, { afterEvents: 1 }));
    await send('GET /stream HTTP/1.0\r\n\r\n');
    expect(await client.end()).toBe('fin');
    expect(client.text).not.toMatch(/chunked/i);
    const body = client.text.slice(client.text.indexOf('\r\n\r\n') + 4);
    expect(body.startsWith(STREAM[0]!)).toBe(true);
    expect(body.endsWith('data: [DONE]\n\n')).toBe(true);
  });

  it('in HTTP/1.0 see a cut by FIN as a reset, for its end would look whole', async () => {
    front.put(inForce(aiStreamCut, { afterEvents: 1, with: 'fin' }));
    await send('GET /stream HTTP/1.0\r\n\r\n');
    expect(await client.end()).toBe('rst');
  });

  it('keep the trailers of a stream that a fault rewrote', async () => {
    front.put(inForce(aiMalformed, { afterEvents: 1 }));
    await send(get('/stream'));
    await client.sees(/\r\n0\r\nx-end: yes\r\n\r\n$/i);
  });

  it('that are pipelined get their answers in order, each judged', async () => {
    front.put(inForce(rateLimit, { requestsPerMinute: 2 }));
    await send(get('/204') + get('/stream') + get('/204'));
    await client.sees(
      /204 No Content[\s\S]*200 OK[\s\S]*\[DONE\][\s\S]*429 Too Many Requests[\s\S]*rate_limit_exceeded/,
    );
    expect(seen.map(({ url }) => url)).toEqual(['/204', '/stream']);
  });

  it('that wait with Expect are answered by a fault without their body', async () => {
    front.put(inForce(httpError, { status: 503 }));
    await send('PUT /x HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: 4\r\n\r\n');
    await client.sees('503 Service Unavailable');
    expect(client.text).not.toContain('100 Continue');
    expect(await client.end()).toBe('fin');
  });

  it('whose answer is compressed against what was asked for pass as it came, and that is said', async () => {
    const faults = [inForce(aiStreamCut), inForce(aiMalformed), inForce(aiFinish)];
    front.put(...faults);
    const answer = await fetch(`${front.url}/packed`);
    client = await dial(front.port);
    expect(await answer.text()).toBe(STREAM.join(''));
    expect(seen[0]?.headers['accept-encoding']).toBe('identity');
    for (const { counts } of faults) expect(counts.skipped).toEqual(['compressed']);
  });

  it('may have their answer compressed where no fault looks into it', async () => {
    front.put(inForce(aiTtft));
    front.put(inForce(rateLimit));
    await (await fetch(front.url)).text();
    client = await dial(front.port);
    expect(seen[0]?.headers['accept-encoding']).toContain('gzip');
  });

  describe('with a model in their body', () => {
    const codings = {
      identity: (body: Buffer) => body,
      gzip: zlib.gzipSync,
      deflate: zlib.deflateSync,
      br: zlib.brotliCompressSync,
    } as const;
    const post = (body: Buffer, headers: Record<string, string> = {}) =>
      fetch(`${front.url}/v1/chat/completions`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', ...headers },
        body,
      });
    const filled = (before: string, length: number, after: string) =>
      Buffer.from(`{${before}"messages":[{"content":"${'x'.repeat(length)}"}]${after}}`);

    it.each(Object.entries(codings))(
      'of coding %s are matched, and forwarded as they came',
      async (coding, pack) => {
        const fault = inForce(aiError, { kind: 'overloaded' }, { model: 'big' });
        front.put(fault);
        const body = filled('', 300_000, ',"model":"big"');
        client = await dial(front.port);
        expect((await post(pack(body), { 'content-encoding': coding })).status).toBe(503);
        expect(fault.facts.at(-1)?.model).toBe('big');
        const other = pack(filled('', 300_000, ',"model":"other"'));
        const answer = await post(other, { 'content-encoding': coding });
        expect(Buffer.from(await answer.arrayBuffer()).equals(other)).toBe(true);
      },
    );

    it.each([
      ['at its beginning', filled('"model":"big",', 6 * 1024 * 1024, '}'), 'big'],
      ['behind its first 4 MiB', filled('', 6 * 1024 * 1024, ',"model":"big"'), undefined],
    ])('of 6 MiB are matched only by what their first 4 MiB hold: %s', async (_, body, model) => {
      const fault = inForce(aiFinish, {}, { model: 'none' });
      front.put(fault);
      client = await dial(front.port);
      const answer = await post(body);
      expect(Buffer.from(await answer.arrayBuffer()).equals(body)).toBe(true);
      expect(fault.facts.map((facts) => facts.model)).toEqual([model]);
    });

    it('that would fill the memory when decoded, or that cannot be, are forwarded', async () => {
      const fault = inForce(aiFinish, {}, { model: 'none' });
      front.put(fault);
      client = await dial(front.port);
      const bomb = zlib.gzipSync(filled('"model":"m",', 64 * 1024 * 1024, ''));
      for (const body of [bomb, bomb.subarray(0, 30), Buffer.from('no gzip')]) {
        const answer = await post(body, { 'content-encoding': 'gzip' });
        expect(Buffer.from(await answer.arrayBuffer()).equals(body)).toBe(true);
      }
      expect(fault.facts[0]?.model).toBe('m');
      expect(fault.facts[2]?.model).toBeUndefined();
    });

    it('cost the tokens of their whole body, also where its length is not told', async () => {
      front.put(inForce(rateLimit, { requestsPerMinute: 0, tokensPerMinute: 1000 }));
      const body = '{"model":"m","messages":[]}'.padEnd(400);
      const chunk = `${body.length.toString(16)}\r\n${body}\r\n0\r\n\r\n`;
      await send(
        `POST /v1/chat/completions HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n${chunk}`,
      );
      await client.sees('x-ratelimit-remaining-tokens: 900');
      expect(dechunk(client.text)).toBe(body);
    });
  });
});
