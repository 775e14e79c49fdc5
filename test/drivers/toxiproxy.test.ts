import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { FaultlineError } from '../../src/core/errors.ts';
import type { FaultSetRequest, FaultSpec } from '../../src/core/fault.ts';
import type { LeasedDriver } from '../../src/drivers/leased/index.ts';
import { connectToxiproxy } from '../../src/drivers/toxiproxy/index.ts';
import { type ProxyServer, startProxyServer } from '../../src/proxy/serve.ts';
import { type Echo, roundTrip, startEcho } from '../support/echo.ts';
import { TYPESCRIPT } from '../support/processes.ts';
import { until } from '../support/until.ts';

let echo: Echo;
let server: ProxyServer;
let driver: LeasedDriver;
let epoch = 0;

const latency = (ms: number, more: Partial<FaultSpec> = {}): FaultSpec => ({
  id: '1.1',
  proxy: 'p',
  type: 'latency',
  attributes: { latency: ms },
  ...more,
});
const set = (faults: readonly FaultSpec[], more: Partial<FaultSetRequest> = {}): FaultSetRequest => ({
  run: 'r1',
  epoch,
  lease: '10s',
  seed: 1,
  faults,
  ...more,
});
const toxics = (proxy = 'p') => server.plane.proxy(proxy)!.toxics;
const listen = (proxy = 'p') => server.plane.proxy(proxy)!.declaration.listen;
const refused = async (call: Promise<unknown>) =>
  call.then(
    () => ({ code: 'no error', message: '' }),
    ({ code, message }: FaultlineError) => ({ code, message }),
  );

beforeAll(async () => {
  echo = await startEcho();
});
beforeEach(async () => {
  server = await startProxyServer({
    control: '127.0.0.1:0',
    proxies: ['p', 'q'].map((name) => ({
      name,
      protocol: 'tcp' as const,
      listen: '127.0.0.1:0',
      upstream: echo.address,
    })),
  });
  driver = connectToxiproxy({ name: 'lab', control: server.control, execArgv: TYPESCRIPT });
  epoch = 1;
});
afterEach(async () => {
  await driver.close().catch(() => {});
  await server.close();
});
afterAll(() => echo.close());

describe('faults as toxics of a Toxiproxy server', () => {
  test('come into force under the name of the run, and really act', async () => {
    const state = await driver.apply(set([latency(150)]));
    expect(state).toMatchObject({ epoch: 1, run: 'r1', faults: [{ id: '1.1', uncounted: true }] });
    expect(toxics()).toMatchObject([
      { name: 'faultline~r1~1~1.1', type: 'latency', attributes: { latency: 150, jitter: 0 } },
    ]);
    const began = performance.now();
    expect(await roundTrip(listen(), 'x')).toMatchObject({ received: 'x' });
    expect(performance.now() - began).toBeGreaterThan(140);
  });

  test('are taken back, and nothing else is', async () => {
    server.plane.proxy('q')!.addToxic({
      name: 'by-hand',
      type: 'latency',
      stream: 'upstream',
      toxicity: 1,
      attributes: { latency: 5, jitter: 0 },
    });
    await driver.apply(set([latency(5), latency(5, { id: '1.2', proxy: 'q' })]));
    const state = await driver.empty();
    expect(state).toMatchObject({ faults: [], previous: { ended: 'emptied', faults: [{}, {}] } });
    expect(toxics('p')).toEqual([]);
    expect(toxics('q')).toMatchObject([{ name: 'by-hand' }]);
    expect(await driver.manualToxics()).toEqual(['q']);
    expect((await driver.state()).faults).toEqual([]);
  });

  test('follow a renewal in attributes and toxicity, as whole numbers', async () => {
    await driver.apply(set([latency(5)]));
    await driver.apply(set([latency(7.6, { toxicity: 0.5 })]));
    expect(toxics()).toMatchObject([{ toxicity: 0.5, attributes: { latency: 8 } }]);
  });

  test('that somebody removed are not brought back by a renewal', async () => {
    await driver.apply(set([latency(5)]));
    server.plane.proxy('p')!.removeToxic('faultline~r1~1~1.1');
    expect((await driver.state()).faults).toEqual([]);
    expect((await refused(driver.apply(set([latency(6)])))).code).toBe('EPOCH_SPENT');
    expect(toxics()).toEqual([]);
  });

  test('"down" switches the proxy off, leaves a mark whose it is, and on again', async () => {
    await driver.apply(set([{ id: '1.1', proxy: 'p', type: 'down' }]));
    expect(server.plane.proxy('p')!.enabled).toBe(false);
    expect(toxics()).toMatchObject([{ name: 'faultline~r1~1~1.1', type: 'noop' }]);
    expect(await driver.manualToxics()).toEqual([]);
    await driver.empty();
    expect(server.plane.proxy('p')!.enabled).toBe(true);
    expect(toxics()).toEqual([]);
    expect(await roundTrip(listen(), 'x')).toMatchObject({ received: 'x' });
  });

  test('give way to the next set', async () => {
    await driver.apply(set([latency(5)]));
    epoch = 2;
    const state = await driver.apply(set([latency(9, { id: '2.1', proxy: 'q' })]));
    expect(state.previous).toMatchObject({ epoch: 1, ended: 'replaced' });
    expect(toxics('p')).toEqual([]);
    expect(toxics('q')).toHaveLength(1);
  });

  test('cannot say what is held', async () => {
    expect(await driver.held()).toBeUndefined();
    expect(driver.counts).toBe(false);
  });
});

describe('what a Toxiproxy server cannot do is refused by name, and nothing is changed', () => {
  test.each([
    [
      'a fault of our own',
      { type: 'ai_error' },
      /"ai_error".*knows only bandwidth.*; a proxy of the data plane can: leave "driver" out\.$/,
    ],
    ['a match', { match: { client: '10.0.0.1' } }, /"latency".*cannot match on "client"/],
    ['a count of units', { match: { first: 3 } }, /cannot match on "first"/],
    [
      'a rate that all of a proxy shares',
      { type: 'bandwidth', attributes: { rate: 10, scope: 'proxy' } },
      /no attribute "scope"/,
    ],
    ['half of a proxy that is down', { type: 'down', attributes: {}, toxicity: 0.5 }, /toxicity is 100%/],
  ])('%s', async (_, fault, sentence) => {
    const { code, message } = await refused(
      driver.apply(set([latency(5), { ...latency(5), id: '1.2', ...fault } as FaultSpec])),
    );
    expect(code).toBe('DRIVER_CANNOT');
    expect(message).toMatch(sentence);
    expect(toxics()).toEqual([]);
  });

  test('a proxy that it does not have', async () => {
    expect(await refused(driver.check([latency(1, { proxy: 'pp' })]))).toMatchObject({
      code: 'UNKNOWN_PROXY',
    });
  });

  test('a server that is not there', async () => {
    await server.close();
    expect(await refused(driver.check([latency(1)]))).toMatchObject({
      code: 'DRIVER_UNREACHABLE',
      message: expect.stringContaining('"lab"'),
    });
  });
});

describe('epochs', () => {
  test('that were emptied or ran out are spent', async () => {
    await driver.apply(set([latency(5)]));
    await driver.empty();
    expect((await refused(driver.apply(set([latency(5)])))).code).toBe('EPOCH_SPENT');
  });

  test('belong to one run at a time', async () => {
    await driver.apply(set([latency(5)]));
    expect((await refused(driver.apply(set([latency(5)], { run: 'r2', epoch: 2 })))).code).toBe('OTHER_RUN');
  });

  test('end with their lease', async () => {
    await driver.apply(set([latency(5)], { lease: '1s' }));
    await until('the toxic is gone', () => toxics().length === 0);
    expect((await refused(driver.apply(set([latency(5)])))).code).toBe('EPOCH_SPENT');
  });
});

describe('servers of other versions', () => {
  let stub: Server;
  let asked: string[];
  let version: string;
  let patchOnly: boolean;
  let proxy: { enabled: boolean; toxics: { name: string; type: string }[] };

  beforeEach(async () => {
    asked = [];
    version = '2.12.0';
    patchOnly = false;
    proxy = { enabled: true, toxics: [] };
    stub = createServer(async (request, response) => {
      let body = '';
      for await (const chunk of request) body += chunk;
      const { method, url } = request;
      asked.push(`${method} ${url}`);
      if (url === '/version') return void response.end(version);
      const updates = method === 'POST' && !url!.endsWith('/toxics');
      if (updates && patchOnly) return void response.writeHead(405).end();
      if (method === 'POST' && url!.endsWith('/toxics')) proxy.toxics.push(JSON.parse(body));
      if (method === 'DELETE') proxy.toxics = [];
      if (url === '/proxies/p') Object.assign(proxy, JSON.parse(body));
      const whole = { name: 'p', listen: '127.0.0.1:1', upstream: '127.0.0.1:2', ...proxy };
      response.end(JSON.stringify(url === '/proxies' ? { p: whole } : whole));
    }).listen(0, '127.0.0.1');
    await once(stub, 'listening');
    const control = `127.0.0.1:${(stub.address() as AddressInfo).port}`;
    await driver.close();
    driver = connectToxiproxy({ name: 'lab', control, execArgv: TYPESCRIPT });
  });
  afterEach(async () => {
    await driver.close();
    stub.closeAllConnections();
    stub.close();
  });

  const reset: FaultSpec = { id: '1.1', proxy: 'p', type: 'reset_peer' };

  test.each(['2.1.4', '{"version": 2.1.7}'])(
    'that say %s are not asked for what came later',
    async (says) => {
      version = says;
      expect(await refused(driver.check([latency(5), reset]))).toEqual({
        code: 'DRIVER_REFUSED',
        message: expect.stringMatching(/"reset_peer": it came with Toxiproxy 2\.2, and this is 2\.1\.\d\.$/),
      });
      await driver.check([latency(5)]);
    },
  );

  test.each(['{"version": "2.2.0"}\n', '{"version": 2.6.0}', 'git'])('that say %j are', async (says) => {
    version = says;
    await driver.check([reset]);
    expect(asked).toContain('GET /version');
  });

  test('that take changes by PATCH alone get them so', async () => {
    patchOnly = true;
    await driver.apply(set([{ id: '1.1', proxy: 'p', type: 'down' }]));
    expect(proxy.enabled).toBe(false);
    await driver.empty();
    expect(proxy).toEqual({ enabled: true, toxics: [] });
    expect(asked).toContain('PATCH /proxies/p');
  });
});

describe('what somebody does by hand meanwhile', () => {
  const byHand = { name: 'by-hand', type: 'latency', stream: 'upstream', toxicity: 1 } as const;

  test('a proxy that is switched off stays off, with its toxics', async () => {
    await driver.apply(set([latency(5)]));
    server.plane.proxy('p')!.addToxic({ ...byHand, attributes: { latency: 5, jitter: 0 } });
    await server.plane.proxy('p')!.disable();
    await driver.empty();
    expect(server.plane.proxy('p')!.enabled).toBe(false);
    expect(toxics()).toMatchObject([{ name: 'by-hand' }]);
    // Nor is it taken for one of the run's own, whatever toxics it has.
    epoch = 2;
    expect(await refused(driver.apply(set([{ id: '2.1', proxy: 'p', type: 'down' }])))).toMatchObject({
      code: 'DRIVER_REFUSED',
      message: expect.stringContaining('disabled already'),
    });
    expect(server.plane.proxy('p')!.enabled).toBe(false);
  });

  test('a proxy that is switched on again ends the set', async () => {
    const down = set([{ id: '1.1', proxy: 'p', type: 'down' }]);
    await driver.apply(down);
    await server.plane.proxy('p')!.enable();
    expect((await refused(driver.apply(down))).code).toBe('EPOCH_SPENT');
    expect(toxics()).toEqual([]);
    expect(server.plane.proxy('p')!.enabled).toBe(true);
  });
});
