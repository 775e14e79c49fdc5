import { once } from 'node:events';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { aiFinish } from '../../../src/faults/ai_finish.ts';
import { aiMalformed } from '../../../src/faults/ai_malformed.ts';
import { until } from '../../support/until.ts';
import { type Front, inForce, startFront } from './front.ts';
import { dial } from './wire.ts';

describe('a proxy for HTTP, given anything', () => {
  /** What the upstream answers, in these pieces. */
  let pieces: readonly Buffer[] = [];
  let type = 'text/plain';
  let front: Front;
  const server = http.createServer(async (request, response) => {
    request.resume();
    response.setHeader('content-type', type);
    for (const piece of pieces) {
      response.write(piece);
      await new Promise(setImmediate);
    }
    response.end();
  });
  beforeAll(async () => {
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    front = await startFront(`127.0.0.1:${(server.address() as AddressInfo).port}`, { protocol: 'openai' });
  });
  afterAll(async () => {
    await front.close();
    server.closeAllConnections();
    server.close();
  });

  const served = async () => {
    const answer = await fetch(`${front.url}/good`);
    return { status: answer.status, body: Buffer.from(await answer.arrayBuffer()) };
  };
  const chunks = (most: number) => fc.array(fc.uint8Array({ maxLength: most }), { maxLength: 8 });

  const heads = fc.oneof(
    fc
      .constantFrom(
        'GET / HTTP/1.1\r\n\r\n',
        'GET  HTTP/1.1\r\n\r\n',
        'GET / HTTP/9.9\r\nHost: x\r\n\r\n',
        'POST / HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\n\r\n',
        'POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 999999999999\r\nContent-Type: application/json\r\n\r\n{',
        'POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\nContent-Length: 4\r\n\r\nabcd',
        'POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\nContent-Length: 3\r\n\r\nabc',
        'POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nffffffffffffffff\r\n',
        'POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n',
        'GET / HTTP/1.1\r\nHost: x\r\nX: a\u0000b\r\n\r\n',
        'GET / HTTP/1.1\r\nHost : x\r\n\r\n',
        'GET / HTTP/1.1\r\n folded: x\r\n\r\n',
        'CONNECT example:443 HTTP/1.1\r\nHost: x\r\n\r\n',
        'OPTIONS * HTTP/1.1\r\nHost: x\r\n\r\n',
        'GET http://[::1 HTTP/1.1\r\nHost: x\r\n\r\n',
        'GET /%zz/../\u00ff HTTP/1.1\r\nHost: x\r\n\r\n',
        'GET / HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: \u00ff\r\n\r\n',
        'GET / HTTP/1.1\r\nHost: x\r\nExpect: something\r\n\r\n',
        '\u0016\u0003\u0001\u0002\u0000\u0001\u0000\u0001',
        'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n',
        `GET / HTTP/1.1\r\nX: ${'x'.repeat(100_000)}\r\n\r\n`,
        `GET /${'x'.repeat(100_000)} HTTP/1.1\r\nHost: x\r\n\r\n`,
      )
      .map((text) => Buffer.from(text, 'latin1')),
    fc.uint8Array({ maxLength: 300 }).map((bytes) => Buffer.from(bytes)),
  );

  it('answers or closes, and serves the next client', async () => {
    pieces = [Buffer.from('ok')];
    type = 'application/json';
    front.put(inForce(aiFinish), inForce(aiMalformed, { afterEvents: 1_000_000 }));
    await fc.assert(
      fc.asyncProperty(heads, fc.array(fc.nat(400), { maxLength: 4 }), async (head, cuts) => {
        const client = await dial(front.port);
        const edges = [
          0,
          ...cuts.map((cut) => Math.min(cut, head.length)).sort((a, b) => a - b),
          head.length,
        ];
        for (const [index, edge] of edges.slice(1).entries()) {
          client.send(head.subarray(edges[index], edge));
          await new Promise(setImmediate);
        }
        client.socket.end();
        await until('the proxy answers or closes', () => client.ended || client.text.length > 0, 5000);
        client.socket.destroy();
        expect(await served()).toEqual({ status: 200, body: Buffer.from('ok') });
      }),
      { numRuns: 80 },
    );
  });

  it.each(['text/event-stream', 'application/json'])(
    'passes any %s on, byte for byte, under faults that find nothing in it to act on',
    async (given) => {
      type = given;
      front.put(inForce(aiFinish), inForce(aiMalformed, { afterEvents: 1_000_000 }));
      await fc.assert(
        fc.asyncProperty(chunks(2000), async (parts) => {
          pieces = parts.map((part) => Buffer.from(part));
          // ai_malformed would break an object.
          fc.pre(!/^\s*\{/.test(Buffer.concat(pieces).toString('utf8')));
          const { status, body } = await served();
          expect(status).toBe(200);
          expect(body.equals(Buffer.concat(pieces))).toBe(true);
        }),
        { numRuns: 60 },
      );
    },
  );

  it.each([
    ['text/event-stream', 'data: '],
    ['application/json', '"'],
  ])('passes %s on that is longer than can be held together', async (given, start) => {
    type = given;
    pieces = [
      Buffer.from(start),
      ...Array.from({ length: 20 }, (_, index) => Buffer.alloc(1 << 20, 97 + index)),
    ];
    front.put(inForce(aiFinish), inForce(aiMalformed));
    const { status, body } = await served();
    expect(status).toBe(200);
    expect(body.equals(Buffer.concat(pieces))).toBe(true);
  });
});
