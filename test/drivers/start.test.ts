import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import {
  adoptDataPlane,
  identifyDataPlane,
  type StartedDataPlane,
  startDataPlane,
} from '../../src/drivers/embedded/index.ts';
import { identityOf, isGone } from '../../src/drivers/process.ts';
import { type Echo, roundTrip, startEcho } from '../support/echo.ts';
import { TYPESCRIPT } from '../support/processes.ts';
import { until } from '../support/until.ts';

let echo: Echo;
let folder: string;
const running: StartedDataPlane[] = [];

beforeAll(async () => {
  echo = await startEcho();
});
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'faultline-start-'));
});
afterEach(async () => {
  for (const started of running.splice(0)) await started.stop();
  rmSync(folder, { recursive: true });
});
afterAll(() => echo.close());

async function start(more: Partial<Parameters<typeof startDataPlane>[0]> = {}): Promise<StartedDataPlane> {
  const started = await startDataPlane({
    control: '127.0.0.1:0',
    proxies: [{ name: 'p', protocol: 'tcp', listen: '127.0.0.1:0', upstream: echo.address }],
    folder,
    execArgv: TYPESCRIPT,
    ...more,
  });
  running.push(started);
  return started;
}

describe('a data plane in a process of its own', () => {
  test('listens when it is handed over, in a process group of its own, and is recorded', async () => {
    const started = await start();
    const identity = await identifyDataPlane(started.control);
    expect(identity).toMatchObject({
      kind: 'ours',
      pid: started.pid,
      instance: started.instance,
      notListening: [],
    });
    const listen = identity.kind === 'ours' ? identity.proxies[0]!.listen : '';
    expect(await roundTrip(listen, 'hello')).toMatchObject({ received: 'hello' });

    const { pid, startTime, bootId, control, instance } = started;
    const recorded = JSON.parse(readFileSync(join(folder, 'data-plane.json'), 'utf8'));
    expect(recorded).toEqual({ pid, startTime, bootId, control, instance });
    expect(recorded).toMatchObject(identityOf(pid));
    const group = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]!.split(' ')[2];
    expect(Number(group)).toBe(pid);

    await started.stop();
    expect(isGone(started)).toBe(true);
    expect(await identifyDataPlane(control)).toEqual({ kind: 'nobody' });
    await started.stop();
  });

  test('gets none of the secrets in the environment of who starts it', async () => {
    process.env.OPENAI_API_KEY = 'sk-marked';
    const { pid } = await start();
    delete process.env.OPENAI_API_KEY;
    expect(readFileSync(`/proc/${pid}/environ`, 'utf8')).not.toContain('sk-marked');
  });

  test('can be adopted by a later process, until it is gone', async () => {
    const started = await start();
    const adopted = await adoptDataPlane(folder);
    expect(adopted).toMatchObject({ pid: started.pid, instance: started.instance, control: started.control });
    await adopted!.stop();
    expect(isGone(started)).toBe(true);
    expect(await adoptDataPlane(folder)).toBeUndefined();
  });

  test('is not confused with a stranger who has its pid', async () => {
    const stranger = spawn('sleep', ['60']);
    const record = { ...identityOf(stranger.pid!), startTime: '1', control: '127.0.0.1:1', instance: 'x' };
    writeFileSync(join(folder, 'data-plane.json'), JSON.stringify(record));
    expect(await adoptDataPlane(folder)).toBeUndefined();
    expect(stranger.exitCode).toBeNull();
    stranger.kill();
  });

  test('ends by itself some time after its owner is gone, and not before', async () => {
    const owner = spawn('sleep', ['60']);
    const started = await start({ owner: identityOf(owner.pid!), ownerGrace: '300ms' });
    await until(
      'its owner has been looked at',
      () => new Promise((resolve) => setTimeout(() => resolve(true), 1000)),
    );
    expect(isGone(started)).toBe(false);
    owner.kill('SIGKILL');
    await until('it has ended', () => isGone(started));
    expect(readFileSync(join(folder, 'data-plane.log'), 'utf8')).toContain('is gone: closing');
  });
});

describe('a data plane that cannot start', () => {
  test('says which port of which proxy is in use', async () => {
    const proxies = [
      { name: 'db', protocol: 'postgres', listen: echo.address, upstream: '127.0.0.1:9' },
    ] as const;
    await expect(start({ proxies })).rejects.toMatchObject({
      code: 'PORT_IN_USE',
      exitCode: 6,
      message: `Cannot listen on ${echo.address} for proxy "db": the port is in use. Free it or choose another.`,
    });
  });

  test('says that the port of its control API is in use', async () => {
    await expect(start({ control: echo.address })).rejects.toMatchObject({
      code: 'PORT_IN_USE',
      message: expect.stringContaining(`${echo.address} for the control API`),
    });
  });

  test('says what is wrong when its script is not there, and where its log is', async () => {
    await expect(start({ entry: join(folder, 'none.ts') })).rejects.toMatchObject({
      code: 'DATA_PLANE_NOT_STARTED',
      message: expect.stringContaining(join(folder, 'data-plane.log')),
    });
  });
});
