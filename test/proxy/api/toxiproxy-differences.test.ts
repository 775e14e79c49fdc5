import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { type ProxyServer, startProxyServer } from '../../../src/proxy/serve.ts';
import { call } from './call.ts';

let server: ProxyServer;
const send = (method: string, path: string, body?: unknown) => call(server.control, method, path, { body });
const upstream = '127.0.0.1:9';

beforeAll(async () => {
  server = await startProxyServer({ control: '127.0.0.1:0', proxies: [] });
});
afterEach(async () => {
  for (const { name } of server.plane.proxies()) await server.plane.removeProxy(name);
});
afterAll(() => server.close());

const create = (listen = '127.0.0.1:0') => send('POST', '/proxies', { name: 'p', listen, upstream });

describe('other than Toxiproxy, the API', () => {
  test.each([1.5, 50, -0.1])('refuses a toxicity that is no share: %d', async (toxicity) => {
    await create();
    const added = await send('POST', '/proxies/p/toxics', { type: 'latency', toxicity });
    expect(added).toMatchObject({ status: 400, json: { error: expect.stringContaining(String(toxicity)) } });
    await send('POST', '/proxies/p/toxics', { type: 'latency', toxicity: 0.5 });
    const changed = await send('POST', '/proxies/p/toxics/latency_downstream', { toxicity });
    expect(changed.status).toBe(400);
    expect((await send('GET', '/proxies/p/toxics')).json).toMatchObject([{ toxicity: 0.5 }]);
  });

  test.each(['nonsense', '127.0.0.1', '127.0.0.1:99999'])(
    'refuses an address that cannot be read: %s',
    async (listen) => {
      const answer = await create(listen);
      expect(answer).toMatchObject({ status: 400, json: { error: expect.stringContaining(listen) } });
      expect((await send('GET', '/proxies')).json).toEqual({});
    },
  );

  test('lists all proxies by name, with their toxics', async () => {
    await create();
    await send('POST', '/proxies/p/toxics', { type: 'latency' });
    expect((await send('GET', '/proxies')).json).toEqual({ p: (await send('GET', '/proxies/p')).json });
    expect((await send('GET', '/proxies/p')).json.toxics).toMatchObject([{ name: 'latency_downstream' }]);
  });
});
