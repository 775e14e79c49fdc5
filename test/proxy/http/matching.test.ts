import { once } from 'node:events';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { FaultSpec, Match } from '../../../src/core/fault.ts';
import { HTTP_PROTOCOLS, type Protocol } from '../../../src/core/protocol.ts';
import type { DataPlane } from '../../../src/proxy/contract.ts';
import { createHttpForwarder } from '../../../src/proxy/http/forwarder.ts';
import { createDataPlane } from '../../../src/proxy/plane.ts';

interface Asked {
  readonly method?: string;
  readonly path?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly model?: string;
}

/** Where each protocol has its model: in the body, or in the path. */
const WITH_MODEL: Readonly<
  Record<(typeof HTTP_PROTOCOLS)[number], (model: string) => [path: string, body: object]>
> = {
  http: (model) => ['/anything', { model }],
  openai: (model) => ['/v1/chat/completions', { messages: [], model }],
  anthropic: (model) => ['/v1/messages', { model, messages: [] }],
  gemini: (model) => [`/v1beta/models/${model}:generateContent`, { contents: [] }],
};

describe('match', () => {
  let plane: DataPlane;
  let epoch = 0;
  const urls = new Map<Protocol, string>();
  const server = http.createServer((request, response) => {
    request.resume();
    response.end('{}');
  });
  beforeAll(async () => {
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    plane = createDataPlane({ createForwarder: createHttpForwarder });
    const upstream = `127.0.0.1:${(server.address() as AddressInfo).port}`;
    for (const protocol of HTTP_PROTOCOLS) {
      const { declaration } = await plane.addProxy(
        { name: protocol, protocol, listen: '127.0.0.1:0', upstream },
        true,
      );
      urls.set(protocol, `http://${declaration.listen}`);
    }
  });
  beforeEach(() => void plane.emptyFaults());
  afterAll(async () => {
    await plane.close();
    server.closeAllConnections();
    server.close();
  });

  function put(...faults: FaultSpec[]): void {
    plane.putFaults({ run: 'test', epoch: ++epoch, lease: '5m', seed: 3, faults });
  }
  function on(protocol: Protocol, match: Match): void {
    put({ proxy: protocol, type: 'http_error', attributes: { status: 418 }, match });
  }

  async function ask(protocol: (typeof HTTP_PROTOCOLS)[number], asked: Asked = {}): Promise<Response> {
    const [path, body] = WITH_MODEL[protocol](asked.model ?? 'some-model');
    const method = asked.method ?? 'POST';
    const response = await fetch(`${urls.get(protocol)}${asked.path ?? path}`, {
      method,
      headers: { 'content-type': 'application/json', ...asked.headers },
      ...(method === 'POST' ? { body: JSON.stringify(body) } : {}),
    });
    await response.arrayBuffer();
    return response;
  }
  const status = async (...args: Parameters<typeof ask>) => (await ask(...args)).status;

  describe.each(HTTP_PROTOCOLS)('on %s', (protocol) => {
    it.each<[string, Match, Asked, Asked]>([
      ['method, of any case', { method: 'del*' }, { method: 'DELETE' }, { method: 'PUT' }],
      ['path, without its query', { path: '/a/*' }, { path: '/a/b?x=1' }, { path: '/b?x=/a/' }],
      [
        'header, its name of any case',
        { headers: { 'X-Tenant': 'acme*' } },
        { headers: { 'x-tenant': 'acme-1' } },
        { headers: { 'x-tenant': 'other' } },
      ],
      [
        'several headers, of which all must match',
        { headers: { a: '1', b: '*' } },
        { headers: { a: '1', b: '' } },
        { headers: { a: '1' } },
      ],
      ['model', { model: 'gpt-4*' }, { model: 'gpt-4o' }, { model: 'gpt-5' }],
      ['model with a dot and a colon', { model: 'a.b-?' }, { model: 'a.b-1' }, { model: 'axb-1' }],
      [
        'several keys, of which all must match',
        { method: 'POST', model: 'm' },
        { model: 'm' },
        { model: 'm', method: 'PUT' },
      ],
    ])('narrows by %s', async (_, match, hit, miss) => {
      on(protocol, match);
      expect([await status(protocol, hit), await status(protocol, miss)]).toEqual([418, 200]);
    });

    it('narrows by client', async () => {
      on(protocol, { client: '127.0.0.0/8' });
      expect(await status(protocol)).toBe(418);
      on(protocol, { client: '10.0.0.0/8' });
      expect(await status(protocol)).toBe(200);
    });

    it('skips the first, takes one in so many, and stops after so many, of those that match', async () => {
      on(protocol, { model: 'm', after: 1, every: 2, first: 2 });
      const seen: number[] = [];
      for (let request = 0; request < 7; request++) {
        seen.push(await status(protocol, { model: 'm' }));
        expect(await status(protocol, { model: 'other' })).toBe(200);
      }
      expect(seen).toEqual([200, 418, 200, 418, 200, 200, 200]);
    });

    it('gives each fault a budget of its own, which all connections share', async () => {
      const limited = (id: string, model: string, requestsPerMinute: number) => ({
        id,
        proxy: protocol,
        type: 'rate_limit',
        attributes: { requestsPerMinute },
        match: { model },
      });
      put(limited('a', 'big', 2), limited('b', 'small', 3));
      const asked = ['big', 'small'].flatMap((model) => Array.from({ length: 6 }, () => ({ model })));
      const fresh = { connection: 'close' };
      const seen = await Promise.all(
        asked.map(async ({ model }) => [model, await status(protocol, { model, headers: fresh })]),
      );
      const passed = (model: string) => seen.filter(([of, code]) => of === model && code === 200).length;
      expect([passed('big'), passed('small')]).toEqual([2, 3]);
      expect(await status(protocol, { model: 'other' })).toBe(200);
      expect(plane.state().faults).toMatchObject([
        { id: 'a', matched: 6, injected: 4, skipped: { 'within the limits': 2 } },
        { id: 'b', matched: 6, injected: 3, skipped: { 'within the limits': 3 } },
      ]);
    });
  });

  it('finds the model of Azure in its deployment', async () => {
    on('openai', { model: 'my gpt' });
    const path = '/openai/deployments/my%20gpt/chat/completions?api-version=2024-10-21';
    const response = await fetch(`${urls.get('openai')}${path}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: '{"messages":[]}',
    });
    expect(response.status).toBe(418);
  });
});
