import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { FaultlineError } from '../../src/core/errors.ts';
import type { FaultSpec } from '../../src/core/fault.ts';
import { type CompositeDriver, compositeDriver } from '../../src/drivers/composite.ts';
import { connectDataPlane, type EmbeddedDriver } from '../../src/drivers/embedded/index.ts';
import { connectToxiproxy } from '../../src/drivers/toxiproxy/index.ts';
import { type ProxyServer, startProxyServer } from '../../src/proxy/serve.ts';
import { type Echo, startEcho } from '../support/echo.ts';
import { TYPESCRIPT } from '../support/processes.ts';

let echo: Echo;
let own: ProxyServer;
let lab: ProxyServer;
let plane: EmbeddedDriver;
let driver: CompositeDriver;
let epoch = 0;

const start = () =>
  startProxyServer({
    control: '127.0.0.1:0',
    proxies: [{ name: 'p', protocol: 'tcp', listen: '127.0.0.1:0', upstream: echo.address }],
  });
const here: FaultSpec = { id: '1.1', proxy: 'p', type: 'latency', attributes: { latency: 5 } };
const there: FaultSpec = { ...here, id: '1.2', driver: 'lab' };
const apply = (faults: readonly FaultSpec[], instance = own.plane.instance) =>
  driver.apply({ run: 'r', epoch, lease: '10s', seed: 1, instance, faults });
const codeOf = (call: Promise<unknown>) =>
  call.then(
    () => 'no error',
    ({ code }: FaultlineError) => code,
  );
const toxics = () => lab.plane.proxy('p')!.toxics;

beforeAll(async () => {
  echo = await startEcho();
});
beforeEach(async () => {
  [own, lab] = await Promise.all([start(), start()]);
  plane = connectDataPlane(own.control);
  const toxiproxy = connectToxiproxy({ name: 'lab', control: lab.control, execArgv: TYPESCRIPT });
  driver = compositeDriver(plane, new Map([['lab', toxiproxy]]));
  epoch = 1;
});
afterEach(async () => {
  await driver.close().catch(() => {});
  await plane.close();
  await Promise.all([own.close(), lab.close()]);
});
afterAll(() => echo.close());

describe('one fault set over several drivers', () => {
  test('goes to each its share, and answers as one', async () => {
    const state = await apply([here, there]);
    expect(state).toMatchObject({
      instance: own.plane.instance,
      epoch: 1,
      faults: [{ id: '1.1' }, { id: '1.2', driver: 'lab' }],
    });
    expect(own.plane.state().faults).toMatchObject([{ id: '1.1' }]);
    expect(toxics()).toHaveLength(1);
    expect((await driver.state()).faults).toHaveLength(2);
    const emptied = await driver.empty(1);
    expect(emptied).toMatchObject({ faults: [], previous: { faults: [{ id: '1.1' }, { id: '1.2' }] } });
    expect(toxics()).toEqual([]);
  });

  test('with exempt traffic is refused where a driver cannot spare it, and the data plane spares it', async () => {
    const exempt = { clients: ['10.0.0.0/8'] };
    const put = (faults: readonly FaultSpec[]) =>
      driver.apply({ run: 'r', epoch, lease: '10s', seed: 1, exempt, faults });
    await expect(put([here, there])).rejects.toThrow(
      'Driver "lab" (toxiproxy) cannot apply "latency": it cannot leave exempt traffic alone.',
    );
    expect(own.plane.state().faults).toEqual([]);
    expect(toxics()).toEqual([]);
    epoch = 2;
    expect((await put([here])).faults).toMatchObject([{ id: '1.1' }]);
  });

  test('that one driver refuses is in force on none', async () => {
    expect(await codeOf(apply([here, { ...there, proxy: 'nope' }]))).toBe('UNKNOWN_PROXY');
    expect(own.plane.state().faults).toEqual([]);
    expect(await codeOf(apply([here]))).toBe('EPOCH_SPENT');
  });

  test('whose renewal fails on one is in force on none any more', async () => {
    await apply([here, there]);
    lab.plane.proxy('p')!.removeToxic(toxics()[0]!.name);
    expect(await codeOf(apply([here, there]))).toBe('EPOCH_SPENT');
    expect(own.plane.state().faults).toEqual([]);
  });

  test('is emptied on all that answer, although one does not', async () => {
    await apply([here, there]);
    await own.close();
    expect(await codeOf(driver.empty(1))).toBe('DATA_PLANE_GONE');
    expect(toxics()).toEqual([]);
    expect(await driver.members?.()).toMatchObject([
      { driver: 'embedded', empty: false, reason: expect.stringContaining('does not answer') },
      { driver: 'lab', empty: true, held: null },
    ]);
  });

  test('leaves a step that a driver has no part in without its faults', async () => {
    await apply([here, there]);
    epoch = 2;
    const state = await apply([here]);
    expect(toxics()).toEqual([]);
    expect(state.previous?.faults).toHaveLength(2);
  });

  test('is refused for a driver that nobody declared, and for another data plane', async () => {
    expect(await codeOf(apply([{ ...there, driver: 'nobody' }]))).toBe('UNKNOWN_DRIVER');
    expect(await codeOf(apply([there], 'another'))).toBe('OTHER_INSTANCE');
    expect(toxics()).toEqual([]);
  });

  test('says what nobody can tell', async () => {
    expect(await driver.held()).toBeUndefined();
    await lab.plane.proxy('p')!.disable();
    expect(await driver.manualToxics()).toEqual(['lab/p']);
  });
});
