import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import {
  connectDataPlane,
  type EmbeddedDriver,
  identifyDataPlane,
  type StartedDataPlane,
  startDataPlane,
} from '../../src/drivers/embedded/index.ts';
import { ownIdentity } from '../../src/drivers/process.ts';
import { type Echo, roundTrip, startEcho } from '../support/echo.ts';
import { startScript, TYPESCRIPT } from '../support/processes.ts';
import { until } from '../support/until.ts';

const LEASE_MS = 1200;
/** A busy machine may be late by this; the lease itself is what is tested. */
const SLACK_MS = 3000;

let echo: Echo;
let folder: string;
let plane: StartedDataPlane;
let driver: EmbeddedDriver;
let listen: string;

beforeAll(async () => {
  echo = await startEcho();
});
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'faultline-lost-'));
  plane = await startDataPlane({
    control: '127.0.0.1:0',
    proxies: [{ name: 'echo', protocol: 'tcp', listen: '127.0.0.1:0', upstream: echo.address }],
    folder,
    owner: ownIdentity(),
    execArgv: TYPESCRIPT,
  });
  driver = connectDataPlane(plane.control);
  const identity = await identifyDataPlane(plane.control);
  listen = identity.kind === 'ours' ? identity.proxies[0]!.listen : '';
});
afterEach(async () => {
  await driver.close();
  await plane.stop();
  rmSync(folder, { recursive: true });
});
afterAll(() => echo.close());

/** Starts a controller, waits until its fault is in force, runs `meanwhile`, kills it; answers when it was killed. */
async function loseController(fault: object, meanwhile: () => Promise<void>): Promise<number> {
  const controller = startScript(
    fileURLToPath(import.meta.resolve('./controller.ts')),
    [plane.control, JSON.stringify([fault]), String(LEASE_MS)],
    {
      stdio: ['ignore', 'pipe', 'inherit'],
    },
  );
  await once(controller.stdout!, 'data');
  // Longer than the lease: the controller keeps it alive.
  const began = performance.now();
  await meanwhile();
  await until('a lease has been renewed', () => performance.now() - began > LEASE_MS + 200);
  expect((await driver.state()).faults).toHaveLength(1);
  controller.kill('SIGKILL');
  await once(controller, 'exit');
  return performance.now();
}

describe('when the controller is killed in mid-fault', () => {
  test('what was delayed arrives, traffic flows clean within the lease, and the epoch stays spent', async () => {
    const delayed = connect(...target());
    await once(delayed, 'connect');
    const killed = await loseController(
      { proxy: 'echo', type: 'latency', attributes: { latency: '5m' } },
      async () => {
        delayed.write('held');
        await until('it is held', async () => (await driver.held()) > 0);
      },
    );
    expect(await nextChunk(delayed)).toBe('held');
    expect(performance.now() - killed).toBeLessThan(LEASE_MS + SLACK_MS);
    delayed.destroy();
    expect(await roundTrip(listen, 'hello')).toMatchObject({ received: 'hello' });
    expect(await driver.state()).toMatchObject({ faults: [], expiresIn: 0 });
    const late = {
      run: 'lost',
      epoch: 1,
      lease: LEASE_MS,
      seed: 1,
      faults: [{ proxy: 'echo', type: 'down' }],
    };
    await expect(driver.apply(late)).rejects.toMatchObject({ code: 'EPOCH_SPENT' });
  });

  test('a proxy that swallowed everything forwards again within the lease', async () => {
    const killed = await loseController(
      { proxy: 'echo', type: 'timeout', attributes: { timeout: 0 } },
      async () => {
        expect(await roundTrip(listen, 'hello', 500)).toMatchObject({ received: '', ended: 'time-out' });
      },
    );
    await until('traffic flows', async () => (await roundTrip(listen, 'hello', 200)).received === 'hello');
    expect(performance.now() - killed).toBeLessThan(LEASE_MS + SLACK_MS);
  });

  test('a port that was closed is open again within the lease', async () => {
    const killed = await loseController({ proxy: 'echo', type: 'down' }, async () => {
      expect(await roundTrip(listen, 'hello')).toMatchObject({ ended: 'ECONNREFUSED' });
    });
    await until('traffic flows', async () => (await roundTrip(listen, 'hello', 200)).received === 'hello');
    expect(performance.now() - killed).toBeLessThan(LEASE_MS + SLACK_MS);
  });
});

function target(): [port: number, host: string] {
  const [host, port] = listen.split(':') as [string, string];
  return [Number(port), host];
}

async function nextChunk(socket: Socket): Promise<string> {
  const [chunk] = await once(socket, 'data');
  return String(chunk);
}
