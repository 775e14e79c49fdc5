import { request } from 'node:http';
import { connect, createServer, type Server } from 'node:net';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { Observation } from '../../../src/core/observation.ts';
import { createApi } from '../../../src/proxy/api/app.ts';
import { type ProxyServer, startProxyServer } from '../../../src/proxy/serve.ts';
import { type Echo, roundTrip, startEcho } from '../../support/echo.ts';
import { until } from '../../support/until.ts';
import { call } from './call.ts';

let echo: Echo;
let server: ProxyServer;
let epoch = 0;
const send = (method: string, path: string, body?: unknown) => call(server.control, method, path, { body });
const address = () => server.plane.proxy('p')!.declaration.listen;
const set = (more = {}) => ({
  run: 'a-run',
  epoch,
  lease: '10s',
  seed: 1,
  faults: [{ proxy: 'p', type: 'latency', attributes: { latency: 300 } }],
  ...more,
});

beforeAll(async () => {
  echo = await startEcho();
  server = await startProxyServer({
    control: '127.0.0.1:0',
    proxies: [{ name: 'p', protocol: 'tcp', listen: '127.0.0.1:0', upstream: echo.address }],
  });
});
beforeEach(() => {
  epoch++;
});
afterEach(() => {
  server.plane.lift();
  server.plane.emptyFaults();
});
afterAll(async () => {
  await server.close();
  await echo.close();
});

describe('PUT /faults', () => {
  test('puts a set in force and answers its state', async () => {
    const answer = await send('PUT', '/faults', set());
    expect(answer.status).toBe(200);
    expect(answer.json).toMatchObject({
      instance: server.plane.instance,
      run: 'a-run',
      epoch,
      expiresIn: expect.any(Number),
      faults: [{ id: 'latency_downstream', proxy: 'p', matched: 0, injected: 0, skipped: {} }],
    });
    const slow = await roundTrip(address(), 'hello');
    expect(slow).toMatchObject({ received: 'hello' });
    expect(slow.ms).toBeGreaterThanOrEqual(295);
    expect((await send('GET', '/faults')).json.faults[0]).toMatchObject({ matched: 1, injected: 1 });
  });

  test('answers the final counts of the set that it ended', async () => {
    await send('PUT', '/faults', set());
    epoch++;
    const { json } = await send('PUT', '/faults', set({ faults: [] }));
    expect(json.previous).toMatchObject({
      epoch: epoch - 1,
      ended: 'replaced',
      faults: [{ type: 'latency' }],
    });
  });

  const refused: readonly [what: string, change: () => object, status: number, code: string, says: string][] =
    [
      ['a spent epoch', () => ({ epoch: epoch - 1 }), 409, 'EPOCH_SPENT', 'spent'],
      ['another instance', () => ({ instance: 'other' }), 409, 'OTHER_INSTANCE', 'other'],
      [
        'a proxy nobody declared',
        () => ({ faults: [{ proxy: 'q', type: 'latency' }] }),
        400,
        'UNKNOWN_PROXY',
        '"q"',
      ],
      [
        'an unknown fault',
        () => ({ faults: [{ proxy: 'p', type: 'latensy' }] }),
        400,
        'UNKNOWN_FAULT',
        '"latency"',
      ],
      ['a key that nobody knows', () => ({ leese: '10s' }), 400, 'BAD_BODY', 'leese'],
      ['a fault without a type', () => ({ faults: [{ proxy: 'p' }] }), 400, 'BAD_BODY', 'faults.0.type'],
      [
        'a toxicity above 1',
        () => ({ faults: [{ proxy: 'p', type: 'latency', toxicity: 2 }] }),
        400,
        'BAD_BODY',
        'toxicity',
      ],
      ['epoch 0', () => ({ epoch: 0 }), 400, 'BAD_BODY', 'epoch'],
      ['an epoch that is no whole number', () => ({ epoch: 1.5 }), 400, 'BAD_BODY', 'epoch'],
      ['no run', () => ({ run: '' }), 400, 'BAD_BODY', 'run'],
    ];
  test.each(refused)('refuses %s and changes nothing', async (_, change, status, code, says) => {
    await send('PUT', '/faults', set());
    await send('DELETE', '/faults');
    epoch++;
    const answer = await send('PUT', '/faults', set(change()));
    expect(answer.json).toEqual({ error: { code, message: expect.stringContaining(says) }, status });
    expect(answer.status).toBe(status);
    expect((await send('GET', '/faults')).json.faults).toEqual([]);
  });

  test.each([
    ['nothing', undefined, 'empty'],
    ['broken JSON', '{"run"', 'JSON'],
    ['a list', '[]', 'expected object'],
  ])('refuses a body that is %s', async (_, body, says) => {
    const answer = await send('PUT', '/faults', body);
    expect(answer.json).toEqual({
      error: { code: 'BAD_BODY', message: expect.stringContaining(says) },
      status: 400,
    });
  });

  test('refuses another run while a lease is live, and says for how long', async () => {
    await send('PUT', '/faults', set());
    epoch++;
    const answer = await send('PUT', '/faults', set({ run: 'another' }));
    expect(answer.json).toMatchObject({ status: 409, error: { code: 'OTHER_RUN' } });
    expect(answer.json.error.message).toContain('a-run');
  });

  test('answers a body above the cap with 413', async () => {
    const answer = await send('PUT', '/faults', `"${'x'.repeat(1024 * 1024)}"`);
    expect(answer.json).toMatchObject({ status: 413, error: { code: 'BODY_TOO_LARGE' } });
  });
});

describe('DELETE /faults', () => {
  test('empties the set and answers what it ended', async () => {
    await send('PUT', '/faults', set());
    const { status, json } = await send('DELETE', '/faults');
    expect(status).toBe(200);
    expect(json).toMatchObject({ faults: [], expiresIn: 0, previous: { epoch, ended: 'emptied' } });
    expect((await roundTrip(address(), 'hello')).ms).toBeLessThan(295);
  });

  test('leaves a set alone whose epoch is above the one named', async () => {
    await send('PUT', '/faults', set());
    expect((await send('DELETE', `/faults?epoch=${epoch - 1}`)).json.faults).toHaveLength(1);
    expect((await send('DELETE', `/faults?epoch=${epoch}`)).json.faults).toEqual([]);
  });

  test.each(['-1', 'x', '1.5', '1&epoch=2', ''])('refuses ?epoch=%s', async (value) => {
    const answer = await send('DELETE', `/faults?epoch=${value}`);
    expect(answer.json).toMatchObject({ status: 400, error: { code: 'BAD_VALUE' } });
  });
});

describe('POST /halt', () => {
  test('empties the set, refuses faults with 423, and is lifted', async () => {
    await send('PUT', '/faults', set());
    const halted = await send('POST', '/halt', { reason: 'customers complain' });
    expect(halted.status).toBe(200);
    expect(halted.json).toMatchObject({ faults: [], halted: { reason: 'customers complain' } });
    epoch++;
    const refused = await send('PUT', '/faults', set());
    expect(refused.json).toMatchObject({ status: 423, error: { code: 'HALTED' } });
    expect(refused.json.error.message).toContain('customers complain');
    expect((await send('DELETE', '/halt')).json).not.toHaveProperty('halted');
    expect((await send('PUT', '/faults', set())).status).toBe(200);
  });

  test('keeps who was first and why, without what could rewrite a terminal', async () => {
    await send('POST', '/halt', { reason: ' real\u001b[2J\nincident ', by: 'ada@ops' });
    await send('POST', '/halt', { reason: 'later', by: 'bob@ops' });
    expect(server.plane.state().halted).toEqual({
      reason: 'real [2J incident',
      by: 'ada@ops',
      since: expect.any(String),
    });
    epoch++;
    expect((await send('PUT', '/faults', set())).json.error.message).toContain('by ada@ops: real');
    expect((await send('DELETE', '/halt?by=bob')).json).not.toHaveProperty('halted');
  });

  test.each([undefined, '', 'not json', '{"reason": 5}', '{}'])(
    'is never refused for its body: %s',
    async (body) => {
      expect((await send('POST', '/halt', body)).status).toBe(200);
      expect(server.plane.state().halted).toMatchObject({ reason: 'no reason given' });
    },
  );

  test('removes toxics and enables proxies', async () => {
    await send('POST', '/proxies/p/toxics', { type: 'latency' });
    await send('POST', '/proxies/p', { enabled: false });
    await send('POST', '/halt');
    await until('the proxy listens again', async () => (await send('GET', '/proxies/p')).json.enabled);
    expect((await send('GET', '/proxies/p')).json.toxics).toEqual([]);
    await until('its port is open', () => server.plane.proxy('p')!.listening);
  });
});

describe('/connections', () => {
  test('lists live connections and closes them', async () => {
    const socket = connect(Number(address().split(':')[1]), '127.0.0.1');
    const closed = new Promise((resolve) => socket.on('close', resolve));
    socket.on('error', () => {});
    const listed = await until('the connection is listed', async () => {
      const { connections } = (await send('GET', '/connections')).json;
      return connections.length > 0 && connections;
    });
    expect(listed).toEqual([
      {
        id: expect.any(Number),
        proxy: 'p',
        client: '127.0.0.1',
        ageMs: expect.any(Number),
        bytes: { up: 0, down: 0 },
      },
    ]);
    expect((await send('DELETE', '/connections?proxy=p')).json).toEqual({ closed: 1 });
    await closed;
    expect((await send('DELETE', '/connections')).json).toEqual({ closed: 0 });
  });

  test('refuses a proxy nobody declared', async () => {
    expect((await send('DELETE', '/connections?proxy=q')).json.error.code).toBe('UNKNOWN_PROXY');
  });
});

describe('GET /healthz', () => {
  test('is 200 while every proxy listens', async () => {
    const { status, json } = await send('GET', '/healthz');
    expect(status).toBe(200);
    expect(json).toEqual({
      faultline: 'data plane',
      status: 'ok',
      instance: server.plane.instance,
      pid: process.pid,
      notListening: [],
    });
  });

  test.each([
    ['a fault', () => send('PUT', '/faults', set({ faults: [{ proxy: 'p', type: 'down' }] }))],
    ['hand', () => send('POST', '/proxies/p', { enabled: false })],
  ])('stays 200 while a port is closed by %s, so that nobody restarts it in mid-run', async (_, close) => {
    expect((await close()).status).toBe(200);
    await until('the port is closed', () => !server.plane.proxy('p')!.listening);
    expect((await send('GET', '/healthz')).status).toBe(200);
    await send('DELETE', '/faults');
    await send('POST', '/proxies/p', { enabled: true });
    await until('the port is open', () => server.plane.proxy('p')!.listening);
  });
});

describe('GET /healthz with 503', () => {
  test('names a proxy whose port somebody took while a fault had it closed', async () => {
    const port = Number(address().split(':')[1]);
    await send('PUT', '/faults', set({ faults: [{ proxy: 'p', type: 'down' }] }));
    await until('the port is closed', () => !server.plane.proxy('p')!.listening);
    const thief = createServer();
    await until('the port is taken', () => listening(thief, port));
    await send('DELETE', '/faults');
    const answer = await until('it is noticed', async () => {
      const health = await send('GET', '/healthz');
      return health.status === 503 && health;
    });
    expect(answer.json).toMatchObject({ status: 'not listening', notListening: ['p'] });
    await new Promise((resolve) => thief.close(resolve));
    await until('the port is open again', async () => (await send('GET', '/healthz')).status === 200);
    expect(await roundTrip(address(), 'hello')).toMatchObject({ received: 'hello' });
  });

  test('names proxies that are still to be opened', async () => {
    const app = createApi({ plane: server.plane, opening: new Set(['q']) });
    const answer = await app.inject({ url: '/healthz', headers: { host: 'localhost' } });
    expect(answer.statusCode).toBe(503);
    expect(answer.json().notListening).toEqual(['q']);
    await app.close();
  });
});

function listening(taker: Server, port: number): Promise<boolean> {
  return new Promise((resolve) => {
    taker.removeAllListeners();
    taker.once('error', () => resolve(false));
    taker.listen(port, '127.0.0.1', () => resolve(true));
  });
}

describe('GET /metrics', () => {
  const value = async (line: RegExp) =>
    Number((await send('GET', '/metrics')).text.match(line)?.[1] ?? Number.NaN);

  test('counts bytes as Toxiproxy does, and faults', async () => {
    const bytes = /^toxiproxy_proxy_received_bytes_total\{direction="upstream",proxy="p",[^}]*\} (\d+)$/m;
    const before = await value(bytes);
    await send('PUT', '/faults', set());
    await roundTrip(address(), 'hello');
    expect((await value(bytes)) - before).toBe(5);
    expect(
      await value(/^faultline_fault_injected_total\{proxy="p",fault="latency_downstream"\} (\d+)$/m),
    ).toBeGreaterThan(0);
    expect(await value(/^faultline_faults (\d+)$/m)).toBe(1);
    expect(await value(/^faultline_proxy_listening\{proxy="p"\} (\d+)$/m)).toBe(1);
  });

  test('never counts down when a new epoch begins', async () => {
    const bytes = /^toxiproxy_proxy_sent_bytes_total\{direction="downstream",proxy="p",[^}]*\} (\d+)$/m;
    await roundTrip(address(), 'hello');
    const before = await value(bytes);
    await send('PUT', '/faults', set({ faults: [] }));
    await roundTrip(address(), 'hello');
    expect(await value(bytes)).toBe(before + 5);
  });
});

describe('GET /observations', () => {
  test('streams what is counted, at once and then each second', async () => {
    const events: Observation[] = [];
    const sent = request(`http://${server.control}/observations`, { agent: false }, (response) => {
      expect(response.headers['content-type']).toBe('text/event-stream');
      response.on('data', (chunk) => {
        for (const line of String(chunk).split('\n')) {
          if (line.startsWith('data: ')) events.push(JSON.parse(line.slice(6)));
        }
      });
      response.on('error', () => {});
    });
    sent.on('error', () => {});
    sent.end();
    await until('the first event has come', () => events.length > 0);
    await roundTrip(address(), 'hello');
    await until('a second has passed', () => events.length > 1);
    sent.destroy();
    expect(events[0]).toMatchObject({ instance: server.plane.instance, cohort: 'all', proxies: { p: {} } });
    expect(events.at(-1)!.mono).toBeGreaterThan(events[0]!.mono);
  });
});
