import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { mostConnections } from '../../src/proxy/open-files.ts';
import { type Echo, roundTrip, startEcho } from '../support/echo.ts';
import { TYPESCRIPT } from '../support/processes.ts';
import { until } from '../support/until.ts';
import { call } from './api/call.ts';

describe('connections that fit into the limit of open files', () => {
  test('leave room for the control API', () => {
    expect(mostConnections('Max open files            1024                 4096                 files')).toBe(
      464,
    );
    expect(mostConnections('Max open files            10                   10                   files')).toBe(
      1,
    );
  });

  test('are not bounded where no limit is told', () => {
    expect(mostConnections('')).toBe(Number.POSITIVE_INFINITY);
    expect(mostConnections('Max open files            unlimited            unlimited            files')).toBe(
      Number.POSITIVE_INFINITY,
    );
  });
});

describe('a data plane with few open files', () => {
  const root = resolve(import.meta.dirname, '../..');
  let folder: string;
  let echo: Echo;
  let child: ChildProcess;
  const clients: Socket[] = [];

  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), 'faultline-files-'));
    echo = await startEcho();
  });
  afterEach(async () => {
    for (const client of clients.splice(0)) client.destroy();
    child.kill('SIGKILL');
    await once(child, 'exit');
    await echo.close();
    rmSync(folder, { recursive: true });
  });

  test('closes what is too much, and its control API goes on answering', async () => {
    const [config, record] = [join(folder, 'faultline.yaml'), join(folder, 'record.json')];
    writeFileSync(config, `proxies: { echo: { listen: "127.0.0.1:0", upstream: "${echo.address}" } }`);
    const args = [
      ...TYPESCRIPT,
      'src/proxy/main.ts',
      '--config',
      config,
      '--control',
      '127.0.0.1:0',
      '--record',
      record,
    ];
    child = spawn('sh', ['-c', 'ulimit -n 256; exec "$@"', 'sh', process.execPath, ...args], {
      cwd: root,
      stdio: 'ignore',
    });
    const { control } = await until('it listens', () => readRecord(record));
    const { listen } = (await call(control, 'GET', '/proxies/echo')).json;

    const ends = await Promise.all(Array.from({ length: 300 }, () => open(listen)));
    expect(ends.filter((end) => end === 'served').length).toBe(80);
    const toxic = await call(control, 'POST', '/proxies/echo/toxics', { body: { type: 'latency' } });
    expect(toxic.status).toBe(200);
    expect((await call(control, 'DELETE', '/proxies/echo/toxics/latency_downstream')).status).toBe(204);

    for (const client of clients.splice(0)) client.destroy();
    const again = () => roundTrip(listen, 'x').then(({ received }) => received === 'x');
    await until('there is room again', again);
  });

  /** Whether a new connection is served, or how it ends. */
  function open(address: string): Promise<string> {
    const [host, port] = address.split(':') as [string, string];
    const client = connect(Number(port), host, () => client.write('x'));
    clients.push(client);
    return new Promise((answer) => {
      client.on('data', () => answer('served'));
      client.on('close', () => answer('closed'));
      client.on('error', (error: NodeJS.ErrnoException) => answer(error.code ?? 'error'));
    });
  }
});

function readRecord(file: string): { readonly control: string } | undefined {
  try {
    return JSON.parse(readFileSync(file, 'utf8'));
  } catch {
    return undefined;
  }
}
