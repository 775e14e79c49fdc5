import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createServer, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { FaultlineError } from '../../src/core/errors.ts';
import { connectToxiproxy } from '../../src/drivers/toxiproxy/index.ts';
import { type ProxyServer, startProxyServer } from '../../src/proxy/serve.ts';
import { startScript, TYPESCRIPT } from '../support/processes.ts';
import { until } from '../support/until.ts';

const CONTROLLER = 'test/drivers/support/toxiproxy-controller.ts';

describe('when the controller', () => {
  let server: ProxyServer;
  let controller: ChildProcess;
  const proxy = () => server.plane.proxy('p')!;

  beforeEach(async () => {
    server = await startProxyServer({
      control: '127.0.0.1:0',
      proxies: [{ name: 'p', protocol: 'tcp', listen: '127.0.0.1:0', upstream: '127.0.0.1:9' }],
    });
  });
  afterEach(async () => {
    controller.kill('SIGKILL');
    await server.close();
  });

  async function control(type: string, lease: string): Promise<void> {
    controller = startScript(CONTROLLER, [server.control, type, lease], {
      stdio: ['ignore', 'pipe', 'inherit'],
      detached: true,
    });
    const ended = once(controller, 'exit').then(() => Promise.reject(new Error('the controller ended')));
    await Promise.race([once(controller.stdout!, 'data'), ended]);
    ended.catch(() => {});
  }

  test('is killed, its toxics are taken back, long before the lease ends', async () => {
    await control('latency', '5m');
    expect(proxy().toxics).toHaveLength(1);
    controller.kill('SIGKILL');
    await until('the toxic is gone', () => proxy().toxics.length === 0);
  });

  test('is killed, a proxy that it had switched off listens again', async () => {
    await control('down', '5m');
    expect(proxy().enabled).toBe(false);
    controller.kill('SIGKILL');
    await until('the proxy is on', () => proxy().enabled && proxy().toxics.length === 0);
  });

  test('stands still, its toxics are taken back when the lease ends', async () => {
    await control('latency', '3s');
    controller.kill('SIGSTOP');
    await until('the toxic is gone', () => proxy().toxics.length === 0);
  });

  test('is killed together with its process group, its toxics are taken back all the same', async () => {
    await control('latency', '5m');
    process.kill(-controller.pid!, 'SIGKILL');
    await until('the toxic is gone', () => proxy().toxics.length === 0);
  });
});

describe('a server whose removals hang', () => {
  let stub: Server;
  let hanging: ServerResponse[];
  let toxics: { name: string; type: string }[];

  beforeEach(async () => {
    hanging = [];
    toxics = [];
    stub = createServer(async (request, response) => {
      let body = '';
      for await (const chunk of request) body += chunk;
      if (request.method === 'DELETE') return void hanging.push(response);
      if (request.method === 'POST') toxics.push(JSON.parse(body));
      const proxy = { name: 'p', listen: '127.0.0.1:1', upstream: '127.0.0.1:2', enabled: true, toxics };
      response.end(request.method === 'POST' ? body : JSON.stringify({ p: proxy }));
    }).listen(0, '127.0.0.1');
    await once(stub, 'listening');
  });
  afterEach(() => {
    stub.closeAllConnections();
    stub.close();
  });

  test('does not hang who empties: it is told within seconds what is left', async () => {
    const control = `127.0.0.1:${(stub.address() as AddressInfo).port}`;
    const driver = connectToxiproxy({ name: 'lab', control, execArgv: TYPESCRIPT });
    const faults = ['1.1', '1.2', '1.3'].map((id) => ({ id, proxy: 'p', type: 'latency' }));
    await driver.apply({ run: 'r', epoch: 1, lease: '5m', seed: 1, faults });
    expect(toxics).toHaveLength(3);
    const began = performance.now();
    const error = await driver.empty().catch((thrown: FaultlineError) => thrown);
    expect(error).toMatchObject({
      code: 'NOT_TAKEN_BACK',
      message: expect.stringContaining('removing a toxic'),
    });
    // All three were asked for at once: three time-outs one after the other would take thrice as long.
    expect(hanging.length).toBe(3);
    expect(performance.now() - began).toBeLessThan(6000);
    expect((await driver.state()).faults).toHaveLength(3);
    for (const response of hanging) response.statusCode = 204;
    toxics = [];
    expect(await driver.empty()).toMatchObject({ faults: [], previous: { faults: [{}, {}, {}] } });
    await driver.close();
  });
});
