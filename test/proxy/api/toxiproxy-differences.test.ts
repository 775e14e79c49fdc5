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

  test('refuses what follows the JSON of a body', async () => {
    const answer = await send('POST', '/proxies', `{"name":"p","upstream":"${upstream}"} {"name":"q"}`);
    expect(answer).toMatchObject({
      status: 400,
      json: { error: expect.stringMatching(/^bad request body: /) },
    });
    expect((await send('GET', '/proxies')).json).toEqual({});
  });

  test('changes nothing where it refuses a change', async () => {
    await create();
    await send('POST', '/proxies/p/toxics', { type: 'latency', attributes: { latency: 100 } });
    const change = { attributes: { latency: 200, jitter: 'much' } };
    expect((await send('PATCH', '/proxies/p/toxics/latency_downstream', change)).status).toBe(400);
    expect((await send('GET', '/proxies/p/toxics')).json).toMatchObject([{ attributes: { latency: 100 } }]);
  });

  test('takes attributes with a unit', async () => {
    await create();
    const toxic = { type: 'latency', attributes: { latency: '2s', jitter: 1.5 } };
    const { json } = await send('POST', '/proxies/p/toxics', toxic);
    expect(json.attributes).toEqual({ latency: 2000, jitter: 1.5 });
  });

  test('gives a slicer a size', async () => {
    await create();
    const { json } = await send('POST', '/proxies/p/toxics', { type: 'slicer' });
    expect(json.attributes.average_size).toBe(512);
  });

  test('serves a path that begins with two slashes', async () => {
    await create();
    expect((await send('GET', '//proxies/p')).status).toBe(200);
    expect((await send('POST', '//proxies//p//toxics', { type: 'latency' })).status).toBe(200);
  });

  test('listens on IPv4 alone where 0.0.0.0 was asked for', async () => {
    const { listen } = (await create('0.0.0.0:0')).json;
    expect(listen).toMatch(/^0\.0\.0\.0:[1-9]\d*$/);
    await send('POST', '/proxies/p/toxics', { type: 'latency' });
    const again = await send('POST', '/populate', [{ name: 'p', listen, upstream }]);
    expect(again.json.proxies).toMatchObject([{ listen, toxics: [{ name: 'latency_downstream' }] }]);
  });

  test('shows a stream in lower case, and keeps the name that was made of it', async () => {
    await create();
    const { json } = await send('POST', '/proxies/p/toxics', { type: 'timeout', stream: 'UPSTREAM' });
    expect(json).toMatchObject({ name: 'timeout_UPSTREAM', stream: 'upstream' });
    expect((await send('GET', '/proxies/p/toxics/timeout_UPSTREAM')).status).toBe(200);
  });

  test('keeps the digits of a toxicity', async () => {
    await create();
    const toxicity = 1 / 3;
    expect((await send('POST', '/proxies/p/toxics', { type: 'latency', toxicity })).json.toxicity).toBe(
      toxicity,
    );
  });

  test('lists all proxies by name, with their toxics', async () => {
    await create();
    await send('POST', '/proxies/p/toxics', { type: 'latency' });
    expect((await send('GET', '/proxies')).json).toEqual({ p: (await send('GET', '/proxies/p')).json });
    expect((await send('GET', '/proxies/p')).json.toxics).toMatchObject([{ name: 'latency_downstream' }]);
  });
});
