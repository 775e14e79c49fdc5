import { once } from 'node:events';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Attributes } from '../../../src/core/fault.ts';
import { aiStreamStall } from '../../../src/faults/ai_stream_stall.ts';
import { aiTtft } from '../../../src/faults/ai_ttft.ts';
import type { AnyFault } from '../../../src/faults/contract.ts';
import { httpLatency } from '../../../src/faults/http_latency.ts';
import { inForce, startFront } from './front.ts';

const HOLDING: readonly (readonly [AnyFault, Attributes])[] = [
  [httpLatency, { latency: '1h' }],
  [httpLatency, { latency: 3, jitter: 3 }],
  [aiTtft, { latency: '1h' }],
  [aiTtft, { latency: 3 }],
  [aiStreamStall, { afterEvents: 0 }],
  [aiStreamStall, { afterEvents: 3 }],
  [aiStreamStall, { afterEvents: 7, stall: 2 }],
];

const BODY = [
  'data: {"choices":[{"delta":{"role":"assistant","content":""}}]}\n\n',
  ...Array.from(
    { length: 12 },
    (_, index) => `data: {"choices":[{"delta":{"content":"w${index} é"}}]}\r\n\r\n`,
  ),
  ': ping\n\n',
  'data: [DONE]\n\n',
  'data: left without its blank line',
].join('');

describe('Swapping faults that hold under live streams', () => {
  let upstream: http.Server;
  beforeAll(async () => {
    upstream = http.createServer(async (request, response) => {
      const sizes = String(request.headers['x-splits']).split(',').map(Number);
      response.setHeader('content-type', 'text/event-stream');
      const bytes = Buffer.from(BODY);
      for (let at = 0, turn = 0; at < bytes.length; turn++) {
        const size = sizes[turn % sizes.length]!;
        response.write(bytes.subarray(at, at + size));
        at += size;
        await new Promise((resolve) => setImmediate(resolve));
      }
      response.end();
    });
    upstream.listen(0, '127.0.0.1');
    await once(upstream, 'listening');
  });
  afterAll(() => {
    upstream.closeAllConnections();
    upstream.close();
  });

  it('loses, repeats and reorders no byte', async () => {
    const swap = fc.record({
      pick: fc.array(fc.nat(HOLDING.length - 1), { maxLength: 3 }),
      after: fc.integer({ min: 0, max: 6 }),
    });
    const plan = fc.record({
      splits: fc.array(fc.integer({ min: 1, max: 90 }), { minLength: 1, maxLength: 6 }),
      swaps: fc.array(swap, { minLength: 1, maxLength: 5 }),
      clients: fc.integer({ min: 1, max: 4 }),
    });
    const address = `127.0.0.1:${(upstream.address() as AddressInfo).port}`;
    await fc.assert(
      fc.asyncProperty(plan, async ({ splits, swaps, clients }) => {
        const front = await startFront(address, { protocol: 'openai' });
        try {
          const answers: Promise<string>[] = [];
          for (const { pick, after } of swaps) {
            front.put(...pick.map((index) => inForce(...HOLDING[index]!)));
            for (let client = 0; client < clients; client++) {
              const headers = { 'x-splits': splits.join(',') };
              answers.push(fetch(front.url, { headers }).then((response) => response.text()));
            }
            await new Promise((resolve) => setTimeout(resolve, after));
          }
          front.put();
          for (const answer of answers) expect(await answer).toBe(BODY);
          expect(front.metered.held).toBe(0);
        } finally {
          await front.close();
        }
      }),
      { numRuns: 40 },
    );
  });
});
