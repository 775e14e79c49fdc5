import { once } from 'node:events';
import { createServer as createHttp } from 'node:http';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { connectDataPlane } from '../../src/drivers/embedded/index.ts';
import { sendCanary } from '../../src/experiments/canary/index.ts';
import { freePort } from '../../src/experiments/canary/port.ts';
import { Canaries } from '../../src/proxy/canaries.ts';
import { type ProxyServer, startProxyServer } from '../../src/proxy/serve.ts';
import { FakeClock } from '../support/fake-clock.ts';
import { until } from '../support/until.ts';
import { call } from './api/call.ts';

const ANSWERS = { tcp: '', postgres: 'N', redis: '+PONG\r\n' } as const;
const PROTOCOLS = ['tcp', 'postgres', 'redis', 'http'] as const;

let server: ProxyServer;
let driver: ReturnType<typeof connectDataPlane>;
const closing: (() => void)[] = [];

async function upstream(protocol: (typeof PROTOCOLS)[number]): Promise<string> {
  const sockets = new Set<Socket>();
  const listener =
    protocol === 'http'
      ? createHttp((_, response) => response.writeHead(404).end())
      : createServer((socket) => {
          socket.on('error', () => {});
          socket.on('data', () => socket.write(ANSWERS[protocol]));
        });
  listener.on('connection', (socket: Socket) => sockets.add(socket));
  listener.listen(0, '127.0.0.1');
  await once(listener, 'listening');
  closing.push(() => {
    listener.close();
    for (const socket of sockets) socket.destroy();
  });
  return `127.0.0.1:${(listener.address() as AddressInfo).port}`;
}

beforeAll(async () => {
  const proxies = await Promise.all(
    PROTOCOLS.map(async (protocol) => ({
      name: protocol,
      protocol,
      listen: '127.0.0.1:0',
      upstream: await upstream(protocol),
    })),
  );
  server = await startProxyServer({ control: '127.0.0.1:0', proxies });
  driver = connectDataPlane(server.control);
});
afterEach(async () => {
  server.plane.emptyFaults();
  await until('all is closed', () => server.plane.connections().length === 0);
});
afterAll(async () => {
  await driver.close();
  await server.close();
  for (const close of closing) close();
});

const declaration = (name: string) => server.plane.proxy(name)!.declaration;
const seen = (name: string) => {
  const { connections, units, status, bytes } = server.plane.observation().proxies[name]!;
  return { connections, units, status, bytes };
};
const put = (proxy: string, type: string, attributes = {}) =>
  server.plane.putFaults({
    run: 'r',
    epoch: server.plane.state().epoch + 1,
    lease: '60s',
    seed: 1,
    faults: [{ proxy, type, attributes }],
  });

describe.each(PROTOCOLS)('a canary through a proxy for %s', (protocol) => {
  test('is not counted', async () => {
    const before = seen(protocol);
    expect(await sendCanary(declaration(protocol), driver)).toMatchObject({ same: true });
    await until('it is gone', () => server.plane.connections().length === 0);
    expect(seen(protocol)).toEqual(before);
  });

  test('meets a fault that was left, which it is sent to find', async () => {
    put(protocol, 'refuse');
    expect(await sendCanary(declaration(protocol), driver)).toMatchObject({ same: false });
  });
});

test('a canary that was not announced is counted: nobody hides by looking like one', async () => {
  const before = seen('redis');
  expect(await sendCanary(declaration('redis'))).toMatchObject({ same: true });
  await until('it is counted', () => seen('redis').connections.closed > before.connections.closed);
  expect(seen('redis').units).toBe(before.units + 1);
});

test('a port that was announced hides one connection', async () => {
  const before = seen('tcp').connections.new;
  const [localPort, address] = [await freePort(), declaration('tcp').listen];
  await driver.expectCanary!('tcp', localPort);
  for (const port of [localPort, undefined]) {
    const socket = connect({
      host: '127.0.0.1',
      port: Number(address.split(':')[1]),
      ...(port ? { localPort: port } : {}),
    });
    await once(socket, 'connect');
    socket.destroy();
    await until('it is gone', () => server.plane.connections().length === 0);
  }
  await until('the other is counted', () => seen('tcp').connections.new === before + 1);
});

test.each([
  [{ proxy: 'nobody', port: 1 }, 'UNKNOWN_PROXY'],
  [{ proxy: 'tcp', port: 0 }, 'BAD_BODY'],
  [{ proxy: 'tcp', port: '1' }, 'BAD_BODY'],
  [{ proxy: 'tcp', port: 1, host: '10.0.0.1' }, 'BAD_BODY'],
])('POST /canaries refuses %j', async (body, code) => {
  const { status, json } = await call(server.control, 'POST', '/canaries', { body });
  expect(status).toBeGreaterThanOrEqual(400);
  expect(json.error.code).toBe(code);
});

describe('a canary that is awaited', () => {
  const from = (remoteAddress: string, remotePort = 5000, localAddress = '10.0.0.5') =>
    ({ remoteAddress, remotePort, localAddress }) as Socket;

  test.each([
    ['127.0.0.1', true],
    ['127.9.9.9', true],
    ['::1', true],
    ['::ffff:127.0.0.1', true],
    ['10.0.0.5', true],
    ['10.0.0.6', false],
    ['::ffff:10.0.0.6', false],
  ])('is believed of %s: %s', (address, believed) => {
    const canaries = new Canaries(new FakeClock());
    canaries.expect(5000);
    expect(canaries.takes(from(address))).toBe(believed);
  });

  test('is believed once, of its port, and in time', () => {
    const clock = new FakeClock();
    const canaries = new Canaries(clock);
    canaries.expect(5000);
    expect(canaries.takes(from('127.0.0.1', 5001))).toBe(false);
    expect(canaries.takes(from('127.0.0.1'))).toBe(true);
    expect(canaries.takes(from('127.0.0.1'))).toBe(false);
    canaries.expect(5000);
    clock.advance(5001);
    expect(canaries.takes(from('127.0.0.1'))).toBe(false);
  });
});
