import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { FAULTS } from '../../../src/faults/index.ts';
import { type ProxyServer, startProxyServer } from '../../../src/proxy/serve.ts';
import { type Echo, startEcho } from '../../support/echo.ts';
import { call } from './call.ts';

let echo: Echo;
let server: ProxyServer;
let upstream: string;
const send = (method: string, path: string, body?: unknown, headers?: Record<string, string>) =>
  call(server.control, method, path, { body, ...(headers ? { headers } : {}) });

beforeAll(async () => {
  echo = await startEcho();
  upstream = echo.address;
  server = await startProxyServer({ control: '127.0.0.1:0', proxies: [] });
});
afterEach(async () => {
  server.plane.lift();
  for (const { name } of server.plane.proxies()) await server.plane.removeProxy(name);
});
afterAll(async () => {
  await server.close();
  await echo.close();
});

const listen = '127.0.0.1:0';
const create = (name = 'p', more = {}) => send('POST', '/proxies', { name, listen, upstream, ...more });

describe('an error of Toxiproxy', () => {
  const wrong: readonly [
    what: string,
    method: string,
    path: string,
    body: unknown,
    status: number,
    error: string,
  ][] = [
    ['a proxy that is not there', 'GET', '/proxies/none', undefined, 404, 'proxy not found'],
    ['an update of a proxy that is not there', 'POST', '/proxies/none', {}, 404, 'proxy not found'],
    [
      'the removal of a proxy that is not there',
      'DELETE',
      '/proxies/none',
      undefined,
      404,
      'proxy not found',
    ],
    ['toxics of a proxy that is not there', 'GET', '/proxies/none/toxics', undefined, 404, 'proxy not found'],
    ['a toxic for a proxy that is not there', 'POST', '/proxies/none/toxics', '{', 404, 'proxy not found'],
    ['a toxic that is not there', 'GET', '/proxies/p/toxics/none', undefined, 404, 'toxic not found'],
    ['an update of a toxic that is not there', 'PATCH', '/proxies/p/toxics/none', {}, 404, 'toxic not found'],
    [
      'the removal of a toxic that is not there',
      'DELETE',
      '/proxies/p/toxics/none',
      undefined,
      404,
      'toxic not found',
    ],
    [
      'a proxy that is there already',
      'POST',
      '/proxies',
      { name: 'p', upstream: 'x:1' },
      409,
      'proxy already exists',
    ],
    ['a proxy without a name', 'POST', '/proxies', { upstream: 'x:1' }, 400, 'missing required field: name'],
    [
      'a proxy with an empty name',
      'POST',
      '/proxies',
      { name: '', upstream: 'x:1' },
      400,
      'missing required field: name',
    ],
    [
      'a proxy without an upstream',
      'POST',
      '/proxies',
      { name: 'q' },
      400,
      'missing required field: upstream',
    ],
    ['an empty body', 'POST', '/proxies', undefined, 400, 'bad request body: EOF'],
    ['an empty update', 'PATCH', '/proxies/p', undefined, 400, 'bad request body: EOF'],
    [
      'an unknown type of toxic',
      'POST',
      '/proxies/p/toxics',
      { type: 'nonsense' },
      400,
      'invalid toxic type',
    ],
    ['a toxic without a type', 'POST', '/proxies/p/toxics', {}, 400, 'invalid toxic type'],
    ['"down" as a toxic', 'POST', '/proxies/p/toxics', { type: 'down' }, 400, 'invalid toxic type'],
    [
      'an unknown stream',
      'POST',
      '/proxies/p/toxics',
      { type: 'latency', stream: 'sideways' },
      400,
      'stream was invalid, can be either upstream or downstream',
    ],
  ];
  test.each(wrong)('answers %s', async (_, method, path, body, status, error) => {
    await create();
    const answer = await send(method, path, body);
    expect({ status: answer.status, text: answer.text }).toEqual({
      status,
      text: `${JSON.stringify({ error, status })}\n`,
    });
    expect(answer.headers['content-type']).toBe('text/plain; charset=utf-8');
    expect(answer.headers['x-content-type-options']).toBe('nosniff');
    expect(answer.headers['x-toxiproxy-request-id']).toMatch(/^\w{20}$/);
  });

  test.each([
    ['/proxies', '{"name": '],
    ['/proxies', '[]'],
    ['/proxies', '"p"'],
    ['/proxies', '{"name":"q","upstream":"x:1","enabled":"yes"}'],
    ['/proxies', '{"name":5,"upstream":"x:1"}'],
    ['/proxies/p', '{"enabled": 1}'],
    ['/proxies/p/toxics', '{"type":"latency","toxicity":"all"}'],
    ['/proxies/p/toxics', '{"type":"latency","attributes":[1]}'],
    ['/proxies/p/toxics', '{"type":"latency","attributes":{"latency":"soon"}}'],
    ['/populate', '{"name":"q"}'],
    ['/populate', '["q"]'],
  ])('answers a body on %s that is not what it should be: %s', async (path, body) => {
    await create();
    const answer = await send('POST', path, body);
    expect(answer.status).toBe(400);
    expect(answer.json).toMatchObject({ status: 400, error: expect.stringMatching(/^bad request body: ./) });
  });

  test.each([
    ['a slicer of no size', { type: 'slicer', attributes: { average_size: 0 } }],
    ['a negative rate', { type: 'bandwidth', attributes: { rate: -1 } }],
    ['a negative latency', { type: 'latency', attributes: { latency: -1 } }],
  ])('refuses what would crash Toxiproxy or mean nothing: %s', async (_, toxic) => {
    await create();
    expect((await send('POST', '/proxies/p/toxics', toxic)).status).toBe(400);
    expect((await send('GET', '/proxies/p/toxics')).json).toEqual([]);
  });

  test('names an address that this machine does not have', async () => {
    const answer = await create('p', { listen: '192.0.2.1:0' });
    expect(answer.json.error).toBe('listen tcp 192.0.2.1:0: bind: cannot assign requested address');
  });

  test('names a port that is in use, as a server error', async () => {
    const answer = await send('POST', '/proxies', { name: 'p', listen: echo.address, upstream });
    expect(answer.json).toEqual({
      error: `listen tcp ${echo.address}: bind: address already in use`,
      status: 500,
    });
    expect((await send('GET', '/proxies/p')).status).toBe(404);
  });

  test('answers a body above the cap without reading it all', async () => {
    const answer = await send('POST', '/populate', `["${'x'.repeat(1024 * 1024)}"]`);
    expect(answer.status).toBe(413);
    expect(answer.json.status).toBe(413);
  });
});

describe('a proxy over the API', () => {
  test('is created enabled, with the address that was really taken', async () => {
    const answer = await create();
    expect(answer.status).toBe(201);
    expect(answer.headers['content-type']).toBe('application/json');
    expect(answer.json).toEqual({
      name: 'p',
      listen: expect.stringMatching(/^127\.0\.0\.1:[1-9]\d*$/),
      upstream,
      enabled: true,
      toxics: [],
    });
  });

  test('takes a free port on all interfaces where no address is given', async () => {
    const { status, json } = await send('POST', '/proxies', { name: 'p', upstream });
    expect(status).toBe(201);
    expect(json.listen).toMatch(/^\[::\]:[1-9]\d*$|^0\.0\.0\.0:[1-9]\d*$/);
  });

  test('shows a name that was asked for as an address', async () => {
    expect((await create('p', { listen: 'localhost:0' })).json.listen).toMatch(/^127\.0\.0\.1:[1-9]\d*$/);
  });

  test('shows protocol and tls only where they are set', async () => {
    expect((await create('plain', { protocol: 'tcp' })).json).not.toHaveProperty('protocol');
    expect((await create('http', { protocol: 'http' })).json.protocol).toBe('http');
    expect((await create('cache', { protocol: 'redis', tls: { upstream: 'off' } })).json).toMatchObject({
      protocol: 'redis',
      tls: { upstream: 'off' },
    });
    expect((await create('wrong', { protocol: 'smtp' })).status).toBe(400);
  });

  test.each([
    ['no content type', {}],
    ['a form', { 'content-type': 'application/x-www-form-urlencoded' }],
    ['nonsense', { 'content-type': 'no such/ type;;' }],
    ['two of them', { 'content-type': 'text/plain, application/json' }],
  ])('is created whatever the content type says: %s', async (_, headers) => {
    const answer = await call(server.control, 'POST', '/proxies', {
      body: { name: 'p', upstream, listen },
      headers,
    });
    expect(answer.status).toBe(201);
  });

  test('is created and changed by fields in any case', async () => {
    const { json } = await send('POST', '/proxies', { Name: 'p', LISTEN: listen, Upstream: upstream });
    expect(json).toMatchObject({ name: 'p', upstream, enabled: true });
    expect((await send('POST', '/proxies/p', { Enabled: false })).json).toMatchObject({ enabled: false });
  });

  test('is left as it is by a change that is null', async () => {
    const before = (await create()).json;
    expect(await send('PATCH', '/proxies/p', 'null')).toMatchObject({ status: 200, json: before });
    expect((await send('POST', '/proxies', 'null')).json.error).toBe('missing required field: name');
  });

  test('moves to a free port on all interfaces where its address is taken away', async () => {
    await create();
    const { status, json } = await send('PATCH', '/proxies/p', { listen: '' });
    expect({ status, listen: json.listen }).toEqual({
      status: 200,
      listen: expect.stringMatching(/^\[::\]:[1-9]\d*$|^0\.0\.0\.0:[1-9]\d*$/),
    });
    await send('POST', '/proxies', { name: 'off', upstream, enabled: false });
    expect((await send('GET', '/proxies/off')).json.listen).toBe('');
    expect((await send('PATCH', '/proxies/off', { enabled: true })).json.listen).toMatch(/:[1-9]\d*$/);
  });

  test('passes over fields that it does not know and takes null as not given', async () => {
    const answer = await create('p', { Logger: {}, enabled: null, toxics: [{ type: 'latency' }] });
    expect(answer.json).toMatchObject({ enabled: true, toxics: [] });
  });

  test('keeps any name that a path can hold', async () => {
    for (const name of ['with space', 'ünïcode', '__proto__', 'a'.repeat(300), 'slash/in']) {
      expect((await create(name)).status).toBe(201);
      expect((await send('GET', `/proxies/${encodeURIComponent(name)}`)).json.name).toBe(name);
    }
    expect(Object.keys((await send('GET', '/proxies')).json)).toContain('__proto__');
  });

  test.each(['POST', 'PATCH'])('is switched off and on by %s', async (method) => {
    const { listen: taken } = (await create()).json;
    expect((await send(method, '/proxies/p', { enabled: false })).json).toMatchObject({
      enabled: false,
      listen: taken,
    });
    expect((await send(method, '/proxies/p', { enabled: true })).json).toMatchObject({
      enabled: true,
      listen: taken,
    });
  });

  test('keeps its port when the update says the same address', async () => {
    const before = (await create('p', { listen: 'localhost:0' })).json;
    const port = before.listen.split(':')[1];
    const after = await send('POST', '/proxies/p', { listen: `localhost:${port}`, upstream, name: 'other' });
    expect(after.json).toEqual(before);
  });

  test('keeps its toxics when it moves', async () => {
    const before = (await create()).json;
    await send('POST', '/proxies/p/toxics', { type: 'latency' });
    const after = (await send('POST', '/proxies/p', { listen })).json;
    expect(after.listen).not.toBe(before.listen);
    expect(after.toxics).toHaveLength(1);
  });

  test('answers a move to a port in use with 500', async () => {
    await create();
    const answer = await send('POST', '/proxies/p', { listen: echo.address });
    expect(answer.json).toEqual({
      error: `listen tcp ${echo.address}: bind: address already in use`,
      status: 500,
    });
    expect((await send('GET', '/proxies/p')).json.enabled).toBe(false);
  });

  test('is removed', async () => {
    await create();
    expect(await send('DELETE', '/proxies/p')).toMatchObject({ status: 204, text: '' });
    expect((await send('GET', '/proxies')).json).toEqual({});
  });

  test('is created once when two ask at the same time', async () => {
    const both = await Promise.all([create('twin'), create('twin')]);
    expect(both.map(({ status }) => status).sort()).toEqual([201, 409]);
  });
});

describe('a toxic over the API', () => {
  test('has the defaults of Toxiproxy', async () => {
    await create();
    const answer = await send('POST', '/proxies/p/toxics', { type: 'latency' });
    expect(answer.status).toBe(200);
    expect(answer.json).toEqual({
      attributes: { latency: 0, jitter: 0 },
      name: 'latency_downstream',
      type: 'latency',
      stream: 'downstream',
      toxicity: 1,
    });
    expect((await send('GET', '/proxies/p/toxics/latency_downstream')).json).toEqual(answer.json);
  });

  test('shows attributes that Toxiproxy does not have only where they are set', async () => {
    await create();
    const plain = await send('POST', '/proxies/p/toxics', { type: 'bandwidth', attributes: { rate: 5 } });
    expect(plain.json.attributes).toEqual({ rate: 5 });
    const shared = { type: 'bandwidth', name: 'shared', attributes: { rate: 5, scope: 'proxy' } };
    expect((await send('POST', '/proxies/p/toxics', shared)).json.attributes).toEqual(shared.attributes);
  });

  test('takes attributes in any case, also in a change', async () => {
    await create();
    const added = await send('POST', '/proxies/p/toxics', {
      Type: 'latency',
      Attributes: { Latency: 100, Jitter: 5 },
    });
    expect(added.json.attributes).toEqual({ latency: 100, jitter: 5 });
    const changed = await send('POST', '/proxies/p/toxics/latency_downstream', {
      Attributes: { LATENCY: 200 },
    });
    expect(changed.json.attributes).toEqual({ latency: 200, jitter: 5 });
  });

  test('has a name of its own over both streams', async () => {
    await create();
    await send('POST', '/proxies/p/toxics', { type: 'latency', name: 'slow' });
    const again = await send('POST', '/proxies/p/toxics', {
      type: 'timeout',
      name: 'slow',
      stream: 'upstream',
    });
    expect(again.json).toEqual({ error: 'toxic already exists', status: 409 });
  });

  test('is listed upstream first, then in order of addition', async () => {
    await create();
    for (const [type, stream] of [
      ['latency', 'downstream'],
      ['bandwidth', 'upstream'],
      ['slicer', 'downstream'],
      ['latency', 'upstream'],
    ]) {
      await send('POST', '/proxies/p/toxics', { type, stream, attributes: { rate: 5, average_size: 10 } });
    }
    const names = ['bandwidth_upstream', 'latency_upstream', 'latency_downstream', 'slicer_downstream'];
    const listed = (await send('GET', '/proxies/p/toxics')).json as { name: string }[];
    expect(listed.map(({ name }) => name)).toEqual(names);
    const shown = (await send('GET', '/proxies/p')).json.toxics as { name: string }[];
    expect(shown.map(({ name }) => name)).toEqual(names);
  });

  test.each(['POST', 'PATCH'])('merges what %s gives and keeps name, type and stream', async (method) => {
    await create();
    await send('POST', '/proxies/p/toxics', { type: 'latency', attributes: { latency: 100, jitter: 10 } });
    const answer = await send(method, '/proxies/p/toxics/latency_downstream', {
      name: 'other',
      type: 'timeout',
      stream: 'upstream',
      toxicity: 0.5,
      attributes: { latency: 200 },
    });
    expect(answer).toMatchObject({ status: 200 });
    expect(answer.json).toEqual({
      attributes: { latency: 200, jitter: 10 },
      name: 'latency_downstream',
      type: 'latency',
      stream: 'downstream',
      toxicity: 0.5,
    });
  });

  test('takes the attributes of Toxiproxy in their own units, and passes over others', async () => {
    await create();
    const { json } = await send('POST', '/proxies/p/toxics', {
      type: 'slicer',
      attributes: { average_size: 10, size_variation: 5, delay: 1500, unknown: 1, another: null },
    });
    expect(json.attributes).toEqual({ average_size: 10, size_variation: 5, delay: 1500 });
  });

  test('is removed', async () => {
    await create();
    await send('POST', '/proxies/p/toxics', { type: 'latency' });
    expect((await send('DELETE', '/proxies/p/toxics/latency_downstream')).status).toBe(204);
    expect((await send('GET', '/proxies/p/toxics')).json).toEqual([]);
  });

  const manual = [...FAULTS.values()].filter((fault) => fault.manual);
  test.each(manual.map((fault) => [fault.type, fault] as const))('can be %s', async (type, { protocols }) => {
    const protocol = protocols.includes('tcp') ? 'tcp' : protocols[0]!;
    await create('p', { protocol });
    const answer = await send('POST', '/proxies/p/toxics', { type });
    expect(answer).toMatchObject({ status: 200, json: { type, toxicity: 1 } });
    expect((await send('DELETE', `/proxies/p/toxics/${answer.json.name}`)).status).toBe(204);
  });

  test('can be every one of Toxiproxy', () => {
    const theirs = [
      'latency',
      'bandwidth',
      'slow_close',
      'timeout',
      'reset_peer',
      'slicer',
      'limit_data',
      'noop',
    ];
    expect(manual.map(({ type }) => type)).toEqual(expect.arrayContaining(theirs));
  });

  test('that cannot act on what the proxy speaks is refused with the reason', async () => {
    const [http] = manual.filter(({ protocols }) => !protocols.includes('tcp'));
    await create();
    const answer = await send('POST', '/proxies/p/toxics', { type: http!.type });
    expect(answer.json).toEqual({ status: 400, error: expect.stringContaining('speaks tcp') });
  });
});

describe('populate and reset', () => {
  test('answers an empty list as a list', async () => {
    for (const body of [[], 'null'])
      expect(await send('POST', '/populate', body)).toMatchObject({ status: 201, text: '{"proxies":[]}' });
  });

  test.each([['{'], ['{}'], [''], ['[{}]']])(
    'answers what is wrong with %s as JSON, with a list of proxies',
    async (body) => {
      const answer = await send('POST', '/populate', body);
      expect(answer.headers['content-type']).toBe('application/json');
      expect(answer).toMatchObject({ status: 400, json: { status: 400, proxies: [] } });
    },
  );

  test('checks all names and upstreams before it makes anything', async () => {
    const answer = await send('POST', '/populate', [{ name: 'a', upstream, listen }, { name: 'b' }]);
    expect(answer.status).toBe(400);
    expect(answer.json).toEqual({
      error: 'missing required field: upstream at proxy 2',
      status: 400,
      proxies: [],
    });
    expect((await send('GET', '/proxies')).json).toEqual({});
    const nameless = await send('POST', '/populate', [{ upstream }]);
    expect(nameless.json.error).toBe('missing required field: name at proxy 1');
  });

  test('says what it had made before it failed', async () => {
    const answer = await send('POST', '/populate', [
      { name: 'a', upstream, listen },
      { name: 'b', upstream, listen: echo.address },
    ]);
    expect(answer.status).toBe(500);
    expect(answer.json).toMatchObject({ status: 500, proxies: [{ name: 'a' }] });
  });

  test('leaves a proxy with the same address and upstream wholly untouched', async () => {
    const before = (await create()).json;
    await send('POST', '/proxies/p/toxics', { type: 'latency' });
    const answer = await send('POST', '/populate', [
      { name: 'p', listen: before.listen, upstream, enabled: false },
    ]);
    expect(answer.status).toBe(201);
    expect(answer.json.proxies).toMatchObject([{ enabled: true, toxics: [{ type: 'latency' }] }]);
  });

  test('replaces a proxy with another upstream, without its toxics', async () => {
    const before = (await create()).json;
    await send('POST', '/proxies/p/toxics', { type: 'latency' });
    const answer = await send('POST', '/populate', [
      { name: 'p', listen: before.listen, upstream: '127.0.0.1:9' },
    ]);
    expect(answer.json.proxies).toEqual([{ ...before, upstream: '127.0.0.1:9' }]);
  });

  test('keeps a proxy, disabled, whose replacement could not listen', async () => {
    const before = (await create()).json;
    await send('POST', '/proxies/p/toxics', { type: 'latency' });
    await send('POST', '/populate', [{ name: 'p', listen: echo.address, upstream }]);
    expect((await send('GET', '/proxies/p')).json).toMatchObject({
      listen: before.listen,
      enabled: false,
      toxics: [{ type: 'latency' }],
    });
  });

  test('a reset enables proxies and removes all toxics', async () => {
    await create('a');
    await create('b');
    await send('POST', '/proxies/a/toxics', { type: 'latency' });
    await send('POST', '/proxies/b', { enabled: false });
    expect(await send('POST', '/reset')).toMatchObject({ status: 204, text: '' });
    const proxies = Object.values((await send('GET', '/proxies')).json);
    expect(proxies).toMatchObject([
      { enabled: true, toxics: [] },
      { enabled: true, toxics: [] },
    ]);
  });

  test('a reset leaves leased faults alone', async () => {
    await create();
    const set = { run: 'r', epoch: 100, lease: '10s', seed: 1, faults: [{ proxy: 'p', type: 'latency' }] };
    expect((await send('PUT', '/faults', set)).status).toBe(200);
    await send('POST', '/reset');
    expect((await send('GET', '/faults')).json.faults).toHaveLength(1);
    expect((await send('GET', '/proxies/p/toxics')).json).toEqual([]);
    await send('DELETE', '/faults');
  });
});

describe('while halted', () => {
  test.each([
    ['a toxic', 'POST', '/proxies/p/toxics', { type: 'latency' }],
    ['a change of a proxy to disabled', 'POST', '/proxies/p', { enabled: false }],
    ['a change of a proxy to disabled, by PATCH', 'PATCH', '/proxies/p', { enabled: false }],
    ['a disabled proxy', 'POST', '/proxies', { name: 'q', upstream: 'x:1', enabled: false }],
  ])('%s is refused with 423', async (_, method, path, body) => {
    await create();
    await send('POST', '/halt', { reason: 'enough' });
    const answer = await send(method, path, body);
    expect(answer.status).toBe(423);
    expect(answer.json).toEqual({ status: 423, error: expect.stringContaining('enough') });
    await send('DELETE', '/halt');
    expect((await send(method, path, body)).status).toBeLessThan(300);
  });

  test('a populate that would disable a proxy is refused with 423, and nothing of it is done', async () => {
    await create();
    await send('POST', '/halt', { reason: 'enough' });
    const asked = [{ name: 'r', listen: '127.0.0.1:0', upstream: 'x:1', enabled: false }];
    expect((await send('POST', '/populate', asked)).json).toMatchObject({
      status: 423,
      error: expect.stringContaining('enough'),
      proxies: [],
    });
    expect((await send('GET', '/proxies/r')).status).toBe(404);
    await send('DELETE', '/halt');
    expect((await send('POST', '/populate', asked)).status).toBe(201);
  });

  test('a toxic that was there is taken off, and cannot be changed or put back', async () => {
    await create();
    await send('POST', '/proxies/p/toxics', { name: 't', type: 'latency' });
    await send('POST', '/halt', { reason: 'enough' });
    expect((await send('GET', '/proxies/p/toxics')).json).toEqual([]);
    expect((await send('POST', '/proxies/p/toxics', { name: 't', type: 'latency' })).status).toBe(423);
    expect((await send('PATCH', '/proxies/p/toxics/t', { toxicity: 0.5 })).status).not.toBe(200);
  });
});

describe('every route', () => {
  test('says its version as Toxiproxy writes it', async () => {
    const answer = await send('GET', '/version');
    expect(answer).toMatchObject({ status: 200, text: '{"version": "2.12.0"}\n' });
    expect(answer.headers['content-type']).toBe('application/json;charset=utf-8');
  });

  test.each([
    ['GET', '/'],
    ['GET', '/proxies/'],
    ['GET', '/proxies/p/nothing'],
    ['POST', '/nothing'],
  ])('answers %s %s, which is none, with 404', async (method, path) => {
    const answer = await send(method, path);
    expect(answer).toMatchObject({ status: 404, text: '404 page not found\n' });
    expect(answer.headers['content-type']).toBe('text/plain; charset=utf-8');
    expect(answer.headers['x-content-type-options']).toBe('nosniff');
    expect(answer.headers).not.toHaveProperty('x-toxiproxy-request-id');
  });

  test('answers a path that is no URL with 400', async () => {
    const answer = await send('GET', '/%zz');
    expect(answer).toMatchObject({ status: 400, text: '400 Bad Request' });
    expect(answer.headers['content-type']).toBe('text/plain; charset=utf-8');
  });

  test.each([
    ['PUT', '/proxies'],
    ['HEAD', '/proxies'],
    ['GET', '/populate'],
    ['GET', '/reset'],
    ['PUT', '/proxies/p'],
    ['DELETE', '/proxies/p/toxics'],
    ['OPTIONS', '/proxies/p/toxics/t'],
    ['POST', '/version'],
    ['POST', '/faults'],
    ['POST', '/healthz'],
  ])('answers %s %s, a wrong method, with 405 and no body', async (method, path) => {
    const answer = await send(method, path);
    expect(answer).toMatchObject({ status: 405, text: '' });
    expect(answer.headers.allow).toMatch(/GET|POST/);
  });

  test('of Toxiproxy refuses browsers, others do not', async () => {
    const browser = { 'user-agent': 'Mozilla/5.0 (X11; Linux x86_64)' };
    const answer = await send('GET', '/proxies', undefined, browser);
    expect(answer).toMatchObject({ status: 403, text: 'User agent not allowed\n' });
    expect((await send('GET', '/healthz', undefined, browser)).status).toBe(200);
    expect((await send('GET', '/nothing', undefined, browser)).status).toBe(404);
  });
});
