import net from 'node:net';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createDataPlane } from '../../src/proxy/plane.ts';
import { complete, message, ready, startup, told } from '../protocols/postgres/wire.ts';
import { until } from '../support/until.ts';
import { dial } from './bench.ts';
import { wire } from './http/wire.ts';

/** A postgres proxy on real sockets, in front of a server that the test plays. */
async function stage() {
  const sockets = new Set<net.Socket>();
  const accepted: net.Socket[] = [];
  const server = net.createServer({ allowHalfOpen: true }, (socket) => {
    sockets.add(socket);
    socket.on('error', () => {});
    accepted.push(socket);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const upstream = `127.0.0.1:${(server.address() as net.AddressInfo).port}`;
  const logged: string[] = [];
  const plane = createDataPlane({
    createForwarder: () => ({ accept: (end) => end.destroy(), async close() {} }),
    log: (line) => void logged.push(line),
  });
  const proxy = await plane.addProxy(
    { name: 'db', protocol: 'postgres', listen: '127.0.0.1:0', upstream },
    true,
  );
  return {
    plane,
    proxy,
    accepted,
    logged,
    client() {
      const socket = dial(proxy);
      sockets.add(socket);
      return socket;
    },
    put: (...faults: readonly { type: string; [key: string]: unknown }[]) =>
      plane.putFaults({
        run: 'r',
        epoch: plane.state().epoch + 1,
        lease: '60s',
        seed: 7,
        faults: faults.map((fault) => ({ proxy: 'db', ...fault })),
      }),
    seen: () => plane.observation().proxies.db!,
    async close() {
      for (const socket of sockets) socket.destroy();
      await plane.close();
      server.close();
    },
  };
}

let it: Awaited<ReturnType<typeof stage>>;
beforeEach(async () => {
  it = await stage();
});
afterEach(() => it.close());

/** A client and its server, past the start-up. */
async function started() {
  const client = it.client();
  client.write(startup({ user: 'ada' }));
  const server = await until('the server is reached', () => it.accepted[0]);
  const answered = new Promise((resolve) => client.once('data', resolve));
  server.once('data', () => server.write(ready('I')));
  await answered;
  return { client, server };
}

describe('a connection with a session', () => {
  test('counts statements, and none for its handshake', async () => {
    const { client, server } = await started();
    server.on('data', () => server.write(Buffer.concat([complete('SELECT 1'), ready('I')])));
    client.write(message('Q', 'select 1'));
    await until('it is answered', () => it.seen().status.ok?.organic === 1);
    expect(it.seen()).toMatchObject({ units: 1, status: { ok: { organic: 1, injected: 0 } } });
    expect(it.seen().latency.organic).not.toBe('');
  });

  test('whose upstream cannot be reached counts as a unit that failed', async () => {
    await it.proxy.update({ upstream: '127.0.0.1:1' });
    const client = wire(it.client());
    expect(await client.end()).toBe('fin');
    await until('it is gone', () => it.seen().connections.closed === 1);
    expect(it.seen()).toMatchObject({ units: 1, status: { error: { organic: 1, injected: 0 } } });
  });

  test('passes half-closes through', async () => {
    const { client, server } = await started();
    client.end();
    await new Promise((resolve) => server.once('end', resolve));
    server.end(message('N', Buffer.alloc(1)));
    const last = await new Promise<Buffer>((resolve) => client.once('data', resolve));
    expect(told(last)).toEqual(['N']);
  });

  test('is closed with what a fault said last, behind bytes faults that delay it', async () => {
    const { client } = await started();
    it.put({ type: 'pg_kill' }, { type: 'latency', stream: 'downstream', attributes: { latency: 80 } });
    const got = wire(client);
    const began = performance.now();
    client.write(message('Q', 'select 1'));
    expect(await got.end()).toBe('fin');
    expect(got.text).toContain('57P01');
    expect(performance.now() - began).toBeGreaterThan(75);
    await until('it is gone', () => it.plane.connections().length === 0);
    expect(it.seen().connections.open).toBe(0);
  });

  test('reads requests no further whose answers nobody reads', async () => {
    const { client } = await started();
    it.put({ type: 'pg_error' });
    client.pause();
    const requests = Buffer.concat(Array.from({ length: 4000 }, () => message('Q', 'select 1')));
    let sent = 0;
    const flood = () => {
      while (sent < 400 && client.write(requests)) sent++;
    };
    client.on('drain', flood);
    flood();
    let last = -1;
    await until('requests stand still', async () => {
      const now = it.seen().units;
      const still = now > 0 && now === last;
      last = now;
      await new Promise((resolve) => setTimeout(resolve, 100));
      return still;
    });
    expect(it.seen().units).toBeLessThan(400 * 4000);
    const before = it.seen().units;
    client.resume();
    await until('they go on', () => it.seen().units > before);
  });

  test('has its faults in Toxiproxy’s ways too', async () => {
    const { client } = await started();
    it.proxy.addToxic({
      name: 'slow',
      type: 'pg_latency',
      stream: 'upstream',
      toxicity: 1,
      attributes: { latency: 60_000 },
    });
    client.write(message('Q', 'select 1'));
    await until('it is held', () => it.seen().held.open === 1);
    const forwarded = new Promise<Buffer>((resolve) => it.accepted[0]!.once('data', resolve));
    it.proxy.removeToxic('slow');
    expect(told(await forwarded)).toEqual(['Q select 1']);
    expect(it.seen().held.open).toBe(0);
  });
});
