import { once } from 'node:events';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { FaultlineError } from '../../src/core/errors.ts';
import type { Observation } from '../../src/core/observation.ts';
import { connectDataPlane, type EmbeddedDriver } from '../../src/drivers/embedded/index.ts';
import { type ProxyServer, startProxyServer } from '../../src/proxy/serve.ts';
import { type Echo, roundTrip, startEcho } from '../support/echo.ts';
import { until } from '../support/until.ts';

let echo: Echo;
let server: ProxyServer;
let driver: EmbeddedDriver;
let epoch = 0;
const set = (more = {}) => ({ run: 'r', epoch, lease: '10s', seed: 1, faults: [slow(60_000)], ...more });
const slow = (latency: number) => ({ id: 'slow', proxy: 'p', type: 'latency', attributes: { latency } });
const code = async (call: Promise<unknown>) =>
  call.then(
    () => 'no error',
    (error: FaultlineError) => error.code,
  );

beforeAll(async () => {
  echo = await startEcho();
});
beforeEach(async () => {
  server = await startProxyServer({
    control: '127.0.0.1:0',
    proxies: [{ name: 'p', protocol: 'tcp', listen: '127.0.0.1:0', upstream: echo.address }],
  });
  driver = connectDataPlane(server.control);
  epoch = 1;
});
afterEach(async () => {
  await driver.close();
  await server.close();
});
afterAll(() => echo.close());

describe('a driver of our data plane', () => {
  test('applies, renews, counts and empties', async () => {
    expect(await driver.apply(set({ faults: [slow(1)] }))).toMatchObject({ epoch: 1, run: 'r' });
    await driver.apply(set({ faults: [slow(2)] }));
    await roundTrip(server.plane.proxy('p')!.declaration.listen, 'x');
    const state = await driver.state();
    expect(state.faults).toMatchObject([{ id: 'slow', attributes: { latency: 2 }, matched: 1, injected: 1 }]);
    expect(await driver.empty()).toMatchObject({ faults: [], previous: { faults: [{ injected: 1 }] } });
  });

  test('turns refusals back into errors of the table, word for word', async () => {
    await driver.apply(set());
    expect(await code(driver.apply(set({ run: 'other', epoch: 2 })))).toBe('OTHER_RUN');
    await driver.empty();
    await expect(driver.apply(set())).rejects.toMatchObject({
      code: 'EPOCH_SPENT',
      status: 409,
      exitCode: 6,
      message: expect.stringContaining('Epoch 1 is spent'),
    });
    epoch = 2;
    expect(await code(driver.apply(set({ faults: [{ proxy: 'q', type: 'latency' }] })))).toBe(
      'UNKNOWN_PROXY',
    );
    expect(await code(driver.apply(set({ instance: 'other' })))).toBe('OTHER_INSTANCE');
  });

  test('empties only up to the epoch named', async () => {
    epoch = 5;
    await driver.apply(set());
    expect((await driver.empty(4)).faults).toHaveLength(1);
    expect((await driver.empty(5)).faults).toHaveLength(0);
  });

  test('halts and lifts', async () => {
    await driver.apply(set());
    await driver.halt('enough');
    expect(await driver.state()).toMatchObject({ faults: [], halted: { reason: 'enough' } });
    epoch = 2;
    expect(await code(driver.apply(set()))).toBe('HALTED');
    await driver.lift();
    expect(await code(driver.apply(set()))).toBe('no error');
  });

  test('knows what is held, and that emptying lets go of it', async () => {
    expect(await driver.held()).toBe(0);
    await driver.apply(set());
    const answer = roundTrip(server.plane.proxy('p')!.declaration.listen, 'x', 20_000);
    await until('the unit is held', async () => (await driver.held()) > 0);
    await driver.empty();
    expect(await driver.held()).toBe(0);
    expect(await answer).toMatchObject({ received: 'x' });
  });

  test('names proxies with toxics set by hand, and those switched off by hand', async () => {
    expect(await driver.manualToxics()).toEqual([]);
    const proxy = server.plane.proxy('p')!;
    proxy.addToxic({
      name: 't',
      type: 'latency',
      stream: 'upstream',
      toxicity: 1,
      attributes: { latency: 0, jitter: 0 },
    });
    expect(await driver.manualToxics()).toEqual(['p']);
    proxy.removeToxic('t');
    await proxy.disable();
    expect(await driver.manualToxics()).toEqual(['p']);
  });

  test('observes until it is told to stop', async () => {
    const abort = new AbortController();
    const seen: Observation[] = [];
    for await (const observation of driver.observe(abort.signal)) {
      seen.push(observation);
      if (seen.length === 2) abort.abort();
    }
    expect(seen.map(({ instance }) => instance)).toEqual([server.plane.instance, server.plane.instance]);
  });

  test('fails its observations when the data plane ends', async () => {
    const first = withResolvers();
    const watching = (async () => {
      for await (const _ of driver.observe(new AbortController().signal)) first.resolve(undefined);
    })();
    await first.promise;
    void server.close();
    expect(await code(watching)).toBe('DATA_PLANE_GONE');
  });

  test('goes on after the data plane closed a connection that it kept', async () => {
    await driver.state();
    await server.close();
    server = await startProxyServer({ control: server.control, proxies: [] });
    expect(await code(driver.state())).toBe('no error');
  });
});

test('a data plane that is not there is said to be gone, with its address', async () => {
  await server.close();
  await expect(driver.state()).rejects.toMatchObject({
    code: 'DATA_PLANE_GONE',
    message: `The data plane at ${server.control} does not answer: nothing listens there.`,
  });
});

test('a data plane that hangs is given up', async () => {
  const sockets: Socket[] = [];
  const mute = createServer((socket) => sockets.push(socket)).listen(0, '127.0.0.1');
  await once(mute, 'listening');
  const hanging = connectDataPlane(`127.0.0.1:${(mute.address() as AddressInfo).port}`);
  expect(await code(hanging.empty())).toBe('DATA_PLANE_GONE');
  await hanging.close();
  for (const socket of sockets) socket.destroy();
  mute.close();
});

test('what is not a data plane is no answer', async () => {
  const other = await startEcho();
  const wrong = connectDataPlane(other.address);
  expect(await code(wrong.state())).toBe('DATA_PLANE_GONE');
  await wrong.close();
  await other.close();
});

function withResolvers() {
  let resolve: (value?: unknown) => void = () => {};
  const promise = new Promise((done) => {
    resolve = done;
  });
  return { promise, resolve };
}
