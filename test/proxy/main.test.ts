import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { type Echo, roundTrip, startEcho } from '../support/echo.ts';
import { finished, startScript } from '../support/processes.ts';
import { until } from '../support/until.ts';
import { call } from './api/call.ts';

let echo: Echo;
let folder: string;
let stop = () => {};

beforeAll(async () => {
  echo = await startEcho();
});
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'faultline-main-'));
});
afterEach(() => {
  stop();
  rmSync(folder, { recursive: true });
});
afterAll(() => echo.close());

interface LogLine {
  readonly level: number;
  readonly msg: string;
  readonly code?: string;
  readonly control?: string;
  readonly proxies?: Readonly<Record<string, string>>;
}

/** Starts the data plane's process; the first line of its log says where it listens. */
function start(args: readonly string[], nodeOptions = '') {
  const child = startScript('src/proxy/main.ts', args, {
    stdio: ['ignore', 'ignore', 'pipe'],
    env: { ...process.env, NODE_OPTIONS: nodeOptions },
  });
  stop = () => child.kill('SIGKILL');
  const end = finished(child);
  let text = '';
  child.stderr!.on('data', (chunk) => {
    text += chunk;
  });
  const log = (): LogLine[] =>
    text
      .split('\n')
      .slice(0, -1)
      .map((line) => JSON.parse(line));
  const listens = () => until('it listens', () => log().find(({ control }) => control !== undefined));
  return { child, end, log, listens };
}

function config(extra = ''): string {
  const file = join(folder, 'faultline.yaml');
  writeFileSync(
    file,
    `control: "127.0.0.1:0"\nproxies:\n  echo: { listen: "127.0.0.1:0", upstream: "${echo.address}" }\n${extra}`,
  );
  return file;
}

describe("the data plane's process", () => {
  test.each(['SIGTERM', 'SIGINT'] as const)('closes what is open and ends with 0 on %s', async (signal) => {
    const { child, end, listens } = start(['--config', config()]);
    const { proxies, control } = await listens();
    const [host, port] = proxies!.echo!.split(':') as [string, string];
    const open = connect(Number(port), host);
    await once(open, 'connect');
    await call(control!, 'POST', '/proxies/echo/toxics', { body: { type: 'timeout' } });
    open.write('hello');
    child.kill(signal);
    await once(open.resume(), 'close');
    expect(await end).toMatchObject({ code: 0, signal: null });
  });

  test.each(['faultline.yaml', 'toxiproxy.json'])('begins with the toxics of its file: %s', async (name) => {
    const toxics = [{ type: 'limit_data', attributes: { bytes: 3 } }];
    const proxy = { listen: '127.0.0.1:0', upstream: echo.address, toxics };
    const file = join(folder, name);
    const list = name.endsWith('.json');
    writeFileSync(file, JSON.stringify(list ? [{ name: 'echo', ...proxy }] : { proxies: { echo: proxy } }));
    const { proxies, control } = await start(['--config', file, '--control', '127.0.0.1:0']).listens();
    expect(await roundTrip(proxies!.echo!, 'hello')).toMatchObject({ received: 'hel', ended: 'FIN' });
    expect((await call(control!, 'GET', '/proxies/echo/toxics')).json).toMatchObject([
      { name: 'limit_data_downstream', attributes: { bytes: 3 } },
    ]);
    await call(control!, 'POST', '/reset');
    expect(await roundTrip(proxies!.echo!, 'hello')).toMatchObject({ received: 'hello' });
  });

  test('says where a toxic of its file is wrong, and starts nothing', async () => {
    const file = join(folder, 'toxiproxy.json');
    writeFileSync(file, '[{"name": "echo", "upstream": "x:1",\n  "toxics": [{"type": "latenzy"}]}]');
    const { end, log } = start(['--config', file]);
    expect((await end).code).toBe(2);
    expect(log().at(-1)!.msg).toMatch(/toxiproxy\.json:2:\d+: .*latenzy/);
  });

  test('takes another control address than the file names', async () => {
    const { listens } = start(['--config', config(), '--control', 'localhost:0']);
    const { control } = await listens();
    expect((await call(control!, 'GET', '/healthz')).status).toBe(200);
  });

  test("starts a proxy disabled that Toxiproxy's own file says is", async () => {
    const file = join(folder, 'toxiproxy.json');
    writeFileSync(
      file,
      JSON.stringify([{ name: 'off', listen: '127.0.0.1:0', upstream: 'x:1', enabled: false }]),
    );
    const { listens } = start(['--config', file, '--control', '127.0.0.1:0']);
    const { control } = await listens();
    expect((await call(control!, 'GET', '/proxies/off')).json).toMatchObject({ enabled: false });
    expect((await call(control!, 'GET', '/healthz')).status).toBe(200);
  });

  test('halts and goes on forwarding when something unexpected happens in it, and logs no content', async () => {
    const slip = join(folder, 'slip.mjs');
    writeFileSync(slip, 'process.on("SIGUSR2", () => { throw new Error("sk-marked"); });');
    const { child, listens, log, end } = start(['--config', config()], `--import=${slip}`);
    const { proxies, control } = await listens();
    const faults = [{ proxy: 'echo', type: 'timeout' }];
    const set = { run: 'r', epoch: 1, lease: '1m', seed: 1, faults };
    expect((await call(control!, 'PUT', '/faults', { body: set })).status).toBe(200);
    child.kill('SIGUSR2');
    await until('it has halted', () => log().some(({ msg }) => msg.includes('halted, forwarding goes on')));
    expect(await roundTrip(proxies!.echo!, 'hello')).toMatchObject({ received: 'hello' });
    expect((await call(control!, 'GET', '/faults')).json).toMatchObject({ faults: [], halted: {} });
    child.kill('SIGTERM');
    const { code, stderr } = await end;
    expect(code).toBe(0);
    expect(stderr).not.toContain('sk-marked');
  });
});

describe("the data plane's process does not start", () => {
  test.each<[string, () => string[], number, string]>([
    ['without its file', () => ['--config', join(folder, 'none.yaml')], 2, 'there is no such file'],
    [
      'with a file that is wrong',
      () => ['--config', config('proxys: {}')],
      2,
      'faultline.yaml:4:1: Unknown key',
    ],
    ['with an option that it does not know', () => ['--contrl', 'x'], 2, '--contrl'],
    ['with an owner that is none', () => ['--config', config(), '--owner', 'me'], 2, '"me"'],
    ['with a control address that is none', () => ['--config', config(), '--control', 'here'], 2, '"here"'],
    [
      'on a port that is in use',
      () => ['--config', config(), '--control', echo.address],
      6,
      'the port is in use',
    ],
  ])('%s', async (_, args, code, says) => {
    const { end, log } = start(args());
    expect((await end).code).toBe(code);
    expect(log().at(-1)).toMatchObject({ level: 60, msg: expect.stringContaining(says) });
  });
});
