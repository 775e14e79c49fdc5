import { once } from 'node:events';
import { connect } from 'node:net';
import { type Proxy as ClientProxy, type ToxicType, Toxiproxy } from 'toxiproxy-node-client';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { type ProxyServer, startProxyServer } from '../../src/proxy/serve.ts';
import { type Echo, roundTrip, startEcho } from '../support/echo.ts';
import { until } from '../support/until.ts';

let echo: Echo;
let server: ProxyServer;
let client: Toxiproxy;

beforeAll(async () => {
  echo = await startEcho();
  server = await startProxyServer({ control: '127.0.0.1:0', proxies: [] });
  client = new Toxiproxy(`http://${server.control}`);
});
afterEach(async () => {
  for (const proxy of Object.values(await client.getAll())) await proxy.remove();
});
afterAll(async () => {
  await server.close();
  await echo.close();
});

const create = (name = 'echo'): Promise<ClientProxy> =>
  client.createProxy({ name, listen: '127.0.0.1:0', upstream: echo.address });

describe("Toxiproxy's node client (ihsw/toxiproxy-node-client), unchanged", () => {
  test('creates a proxy that forwards, gets it, and removes it', async () => {
    const proxy = await create();
    expect(await roundTrip(proxy.listen, 'hello')).toMatchObject({ received: 'hello' });
    expect((await client.get('echo')).toJson()).toEqual(proxy.toJson());
    await proxy.remove();
    expect(await roundTrip(proxy.listen, 'hello')).toMatchObject({ received: '', ended: 'ECONNREFUSED' });
    await expect(client.get('echo')).rejects.toThrow('404');
  });

  test('populates, again and again, also with nothing', async () => {
    expect(await client.populate([])).toEqual({});
    const body = [
      { name: 'a', listen: '127.0.0.1:0', upstream: echo.address },
      { name: 'b', listen: '127.0.0.1:0', upstream: echo.address },
    ];
    const proxies = await client.populate(body);
    expect(Object.keys(proxies)).toEqual(['a', 'b']);
    for (const { listen } of Object.values(proxies)) {
      expect(await roundTrip(listen, 'hello')).toMatchObject({ received: 'hello' });
    }
    const again = await client.populate(Object.values(proxies).map((proxy) => proxy.toJson()));
    expect(again.a!.listen).toBe(proxies.a!.listen);
    expect(Object.keys(await client.getAll())).toEqual(['a', 'b']);
  });

  test('switches a proxy off and on again at the same address', async () => {
    const proxy = await create();
    const off = await proxy.update({ ...proxy.toJson(), enabled: false });
    expect(off.enabled).toBe(false);
    expect(await roundTrip(proxy.listen, 'x')).toMatchObject({ ended: 'ECONNREFUSED' });
    const on = await proxy.update({ ...off.toJson(), enabled: true });
    expect(on.listen).toBe(proxy.listen);
    expect(await roundTrip(proxy.listen, 'x')).toMatchObject({ received: 'x' });
  });

  test('resets what was switched off and added', async () => {
    const proxy = await create();
    await proxy.addToxic({
      name: 't',
      type: 'timeout',
      stream: 'downstream',
      toxicity: 1,
      attributes: { timeout: 0 },
    });
    await proxy.update({ ...proxy.toJson(), enabled: false });
    await client.reset();
    expect(await roundTrip(proxy.listen, 'x')).toMatchObject({ received: 'x' });
    await expect(proxy.getToxic('t')).rejects.toThrow('404');
  });

  test('reads the version', async () => {
    expect(await client.getVersion()).toBe('{"version": "2.12.0"}\n');
  });

  test('learns by status that a name is taken', async () => {
    await create();
    await expect(create()).rejects.toThrow('409');
  });
});

describe('a toxic of the client', () => {
  const add = async <T>(type: ToxicType, attributes: T, stream: 'upstream' | 'downstream' = 'downstream') => {
    const proxy = await create();
    const toxic = await proxy.addToxic({ type, stream, name: type, toxicity: 1, attributes });
    return { proxy, toxic };
  };

  test('latency delays, is updated, and delays no more once removed', async () => {
    const { proxy, toxic } = await add('latency', { latency: 200, jitter: 0 });
    expect((await roundTrip(proxy.listen, 'x')).ms).toBeGreaterThanOrEqual(195);
    const updated = await toxic.update({
      ...toxic.toJson(),
      attributes: { latency: 400, jitter: 0 },
    } as never);
    expect(updated.attributes).toEqual({ latency: 400, jitter: 0 });
    expect((await roundTrip(proxy.listen, 'x')).ms).toBeGreaterThanOrEqual(395);
    expect((await proxy.getToxic('latency')).toJson()).toEqual(updated.toJson());
    await updated.remove();
    expect(await roundTrip(proxy.listen, 'x')).toMatchObject({ received: 'x' });
    expect((await fastest(proxy.listen)).ms).toBeLessThan(195);
  });

  test('bandwidth slows a transfer down to its rate', async () => {
    const { proxy } = await add('bandwidth', { rate: 100 });
    const text = 'x'.repeat(50_000);
    const { received, ms } = await roundTrip(proxy.listen, text, 10_000);
    expect(received).toBe(text);
    expect(ms).toBeGreaterThanOrEqual(350);
  });

  test('slow_close leaves data alone', async () => {
    const { proxy } = await add('slow_close', { delay: 100 });
    expect(await roundTrip(proxy.listen, 'x')).toMatchObject({ received: 'x' });
  });

  test('timeout swallows all data, then closes', async () => {
    const { proxy } = await add('timeout', { timeout: 200 });
    const answer = await roundTrip(proxy.listen, 'x');
    expect(answer).toMatchObject({ received: '' });
    expect(answer.ended).toMatch(/FIN|ECONNRESET/);
    expect(answer.ms).toBeGreaterThanOrEqual(195);
  });

  test('timeout of 0 never closes, and its removal does, without waiting', async () => {
    const { proxy, toxic } = await add('timeout', { timeout: 0 });
    const answer = roundTrip(proxy.listen, 'x', 20_000);
    await expect.poll(async () => server.plane.connections().length).toBeGreaterThan(0);
    await toxic.remove();
    expect((await answer).ended).toMatch(/FIN|ECONNRESET/);
  });

  test('is removed at once, and its proxy too, while a client takes nothing off a full connection', async () => {
    const { proxy, toxic } = await add('bandwidth', { rate: 100_000 });
    const [host, port] = proxy.listen.split(':') as [string, string];
    const stuck = connect(Number(port), host).on('error', () => {});
    const flood = Buffer.alloc(256 * 1024, 'x');
    await once(stuck, 'connect');
    stuck.pause();
    // As much as fits: until nothing moves any more because the echo cannot get rid of it.
    await until(
      'the connection is full',
      () => !stuck.write(flood) && stuck.writableLength > 16 * flood.length,
    );
    await toxic.remove();
    await proxy.remove();
    expect(await client.getAll()).toEqual({});
    stuck.destroy();
  });

  test('reset_peer resets', async () => {
    const { proxy } = await add('reset_peer', { timeout: 0 });
    expect(await roundTrip(proxy.listen, 'x')).toMatchObject({ ended: 'ECONNRESET' });
  });

  test('slicer hands everything on in small pieces', async () => {
    const { proxy } = await add('slicer', { average_size: 10, size_variation: 3, delay: 100 });
    const text = 'abcdefghij'.repeat(20);
    expect(await roundTrip(proxy.listen, text)).toMatchObject({ received: text });
  });

  test('limit_data passes so many bytes and closes', async () => {
    const { proxy } = await add('limit_data', { bytes: 5 });
    expect(await roundTrip(proxy.listen, 'hello world')).toMatchObject({ received: 'hello', ended: 'FIN' });
  });

  test('acts upstream where it is put there', async () => {
    const { proxy, toxic } = await add('limit_data', { bytes: 3 }, 'upstream');
    expect(toxic.stream).toBe('upstream');
    expect((await roundTrip(proxy.listen, 'hello', 1000)).received.length).toBeLessThanOrEqual(3);
  });

  test('of toxicity 0 does nothing', async () => {
    const proxy = await create();
    await proxy.addToxic({
      name: 't',
      type: 'timeout',
      stream: 'downstream',
      toxicity: 0,
      attributes: { timeout: 0 },
    });
    expect(await roundTrip(proxy.listen, 'x')).toMatchObject({ received: 'x' });
  });
});

/** The fastest of some round trips: a busy machine makes single ones slow. */
async function fastest(address: string) {
  const trips = [];
  for (let trip = 0; trip < 5; trip++) trips.push(await roundTrip(address, 'x'));
  return trips.sort((a, b) => a.ms - b.ms)[0]!;
}
