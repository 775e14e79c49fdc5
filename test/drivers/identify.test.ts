import { once } from 'node:events';
import { createServer as createHttpServer } from 'node:http';
import { type AddressInfo, createServer, type Server } from 'node:net';
import { afterEach, describe, expect, test } from 'vitest';
import type { ProxyDeclaration } from '../../src/core/protocol.ts';
import { identifyDataPlane, proxiesDiffer } from '../../src/drivers/embedded/index.ts';
import { startProxyServer } from '../../src/proxy/serve.ts';

const servers: Server[] = [];
afterEach(async () => {
  for (const server of servers.splice(0)) await new Promise((resolve) => server.close(resolve));
});

async function listen(server: Server): Promise<string> {
  servers.push(server);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return `127.0.0.1:${(server.address() as AddressInfo).port}`;
}

describe('at a control address', () => {
  test('a data plane of ours is known, with its proxies', async () => {
    const declared: ProxyDeclaration = {
      name: 'cache',
      protocol: 'redis',
      listen: '127.0.0.1:0',
      upstream: '127.0.0.1:6379',
    };
    const server = await startProxyServer({ control: '127.0.0.1:0', proxies: [declared] });
    const identity = await identifyDataPlane(server.control);
    expect(identity).toEqual({
      kind: 'ours',
      instance: server.plane.instance,
      pid: process.pid,
      notListening: [],
      proxies: [{ ...declared, listen: server.plane.proxy('cache')!.declaration.listen }],
    });
    expect(identity.kind === 'ours' && proxiesDiffer([declared], identity.proxies)).toBeUndefined();
    await server.close();
  });

  test("a server that speaks Toxiproxy's API and not ours is a Toxiproxy", async () => {
    const control = await listen(
      createHttpServer((request, response) => {
        if (request.url === '/version') response.end('{"version": "2.9.0"}\n');
        else response.writeHead(404).end('404 page not found\n');
      }),
    );
    expect(await identifyDataPlane(control)).toEqual({ kind: 'toxiproxy', version: '2.9.0' });
  });

  test('another HTTP server is another', async () => {
    const control = await listen(createHttpServer((_, response) => response.end('{"status":"ok"}')));
    expect(await identifyDataPlane(control)).toEqual({ kind: 'other', what: expect.stringContaining('200') });
  });

  test('what speaks no HTTP is another', async () => {
    const control = await listen(createServer((socket) => socket.end('SSH-2.0-x\r\n').resume()));
    expect(await identifyDataPlane(control)).toMatchObject({ kind: 'other' });
  });

  test('a free port is nobody', async () => {
    const server = createServer();
    const control = await listen(server);
    await new Promise((resolve) => servers.pop()!.close(resolve));
    expect(await identifyDataPlane(control)).toEqual({ kind: 'nobody' });
  });
});

describe('the proxies of a data plane', () => {
  const proxy: ProxyDeclaration = {
    name: 'a',
    protocol: 'tcp',
    listen: '127.0.0.1:1000',
    upstream: 'b:1',
  };
  test.each<[string, Partial<ProxyDeclaration>[], Partial<ProxyDeclaration>[]]>([
    ['the same', [{}], [{}]],
    ['a name for a loopback address', [{ listen: 'localhost:1000' }], [{}]],
    ['any port where one was asked for', [{ listen: '127.0.0.1:0' }], [{}]],
    ['all interfaces', [{ listen: ':1000' }], [{ listen: '[::]:1000' }]],
  ])('are equal: %s', (_, declared, running) => {
    const of = (list: Partial<ProxyDeclaration>[]) => list.map((more) => ({ ...proxy, ...more }));
    expect(proxiesDiffer(of(declared), of(running))).toBeUndefined();
  });

  test.each<[string, Partial<ProxyDeclaration>[], Partial<ProxyDeclaration>[], string]>([
    ['one is missing', [{}], [], 'no proxy "a"'],
    ['one too many', [], [{}], 'also has a proxy "a"'],
    ['another upstream', [{}], [{ upstream: 'c:1' }], 'another upstream (c:1, not b:1)'],
    ['another port', [{}], [{ listen: '127.0.0.1:1001' }], 'another listen address'],
    ['another host', [{ listen: '127.0.0.1:0' }], [{ listen: '10.0.0.1:1000' }], 'another listen address'],
    ['another protocol', [{}], [{ protocol: 'redis' }], 'another protocol'],
    ['other TLS', [{ tls: { upstream: 'verify' } }], [{}], 'another TLS'],
  ])('differ: %s', (_, declared, running, says) => {
    const of = (list: Partial<ProxyDeclaration>[]) => list.map((more) => ({ ...proxy, ...more }));
    expect(proxiesDiffer(of(declared), of(running))).toContain(says);
  });
});
