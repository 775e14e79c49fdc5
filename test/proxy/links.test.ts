import { createServer } from 'node:net';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { until } from '../support/until.ts';
import { type Bench, bench } from './bench.ts';

let it: Bench;
beforeEach(async () => {
  it = await bench();
});
afterEach(() => it.close());

const seen = () => it.plane.observation().proxies.p!;
const gone = () => until('the link is gone', () => it.plane.connections().length === 0);

describe('a connection', () => {
  test('carries both directions, and a half-close passes through', async () => {
    const client = it.client();
    client.socket.end('question');
    const upstream = await until('the upstream is connected', () => it.accepted[0]);
    expect(await upstream.end()).toBe('fin');
    expect(upstream.text).toBe('question');
    expect(client.ended).toBeUndefined();
    upstream.socket.end('answer');
    expect(await client.end()).toBe('fin');
    expect(client.text).toBe('answer');
    await gone();
    expect(seen()).toMatchObject({
      connections: { open: 0, new: 1, closed: 1, reset: 0 },
      bytes: { up: 8, down: 6 },
      units: 1,
      status: { ok: { organic: 1, injected: 0 } },
      held: { open: 0, longestMs: 0 },
    });
    expect(seen().latency.organic).not.toBe('');
    expect(seen().latency.injected).toBe('');
  });

  test('that the upstream resets is reset, after what came before', async () => {
    const client = it.client();
    const upstream = await until('the upstream is connected', () => it.accepted[0]);
    upstream.send('partial');
    await client.sees('partial');
    upstream.socket.resetAndDestroy();
    expect(await client.end()).toBe('rst');
    await gone();
    expect(seen()).toMatchObject({
      connections: { reset: 1 },
      status: { error: { organic: 1, injected: 0 } },
    });
  });

  test('that a fault resets has first got all that was on its way to it', async () => {
    const clients = [it.client(), it.client(), it.client(), it.client()];
    await until('they are connected', () => it.accepted.length === clients.length);
    for (const upstream of it.accepted) upstream.send('x'.repeat(50_000));
    await until('all of it was handed on', () => seen().bytes.down === 200_000);
    it.put({ type: 'kill', attributes: { with: 'rst' } });
    for (const client of clients) {
      expect(await client.end()).toBe('rst');
      expect(client.text).toHaveLength(50_000);
    }
  });

  test('that the client resets is reset upstream', async () => {
    const client = it.client();
    const upstream = await until('the upstream is connected', () => it.accepted[0]);
    client.socket.resetAndDestroy();
    expect(await upstream.end()).toBe('rst');
    await gone();
  });

  test('is closed when the upstream cannot be reached', async () => {
    await it.proxy.update({ upstream: '127.0.0.1:1' });
    const client = it.client();
    client.send('anyone?');
    expect(await client.end()).toBe('fin');
    await gone();
    expect(seen().status).toEqual({ error: { organic: 1, injected: 0 } });
  });

  test('pushes back on a sender whose receiver does not read', async () => {
    const client = it.client();
    const upstream = await until('the upstream is connected', () => it.accepted[0]);
    client.socket.pause();
    const flood = Buffer.alloc(32 * 2 ** 20, 'x');
    upstream.socket.write(flood);
    await until('the bytes stand still', async () => {
      const before = seen().bytes.down;
      await new Promise((resolve) => setTimeout(resolve, 50));
      return before > 0 && seen().bytes.down === before;
    });
    expect(seen().bytes.down).toBeLessThan(flood.length / 2);
    client.socket.resume();
    await until('all has come', () => client.text.length === flood.length);
  });
});

describe('the order of faults', () => {
  test('manual toxics come before leased ones, and what a cut preempts is counted so', async () => {
    it.proxy.addToxic({
      name: 'limit',
      type: 'limit_data',
      stream: 'downstream',
      toxicity: 1,
      attributes: { bytes: 3 },
    });
    it.put({ type: 'limit_data', attributes: { bytes: 100 } });
    const client = it.client();
    (await until('the upstream is connected', () => it.accepted[0])).send('abcdef');
    expect(await client.end()).toBe('fin');
    expect(client.text).toBe('abc');
    await gone();
    expect(it.plane.state().faults[0]).toMatchObject({ matched: 1, injected: 0, skipped: { preempted: 1 } });
  });

  test('what listener faults let go goes through bytes faults', async () => {
    it.put({ type: 'blackhole' }, { type: 'limit_data', stream: 'upstream', attributes: { bytes: 2 } });
    const client = it.client();
    client.send('abc');
    await until('it is held', () => seen().held.open === 1);
    it.renew(
      { type: 'blackhole', toxicity: 0 },
      { type: 'limit_data', stream: 'upstream', attributes: { bytes: 2 } },
    );
    expect(await client.end()).toBe('fin');
    expect(it.accepted.map(({ text }) => text)).toEqual(['ab']);
  });
});

describe('a proxy', () => {
  test('closes its port and both sides of every connection at once when disabled', async () => {
    const client = it.client();
    const upstream = await until('the upstream is connected', () => it.accepted[0]);
    await it.proxy.disable();
    expect(await client.end()).toBe('fin');
    await upstream.end();
    expect(await it.client().end()).toBe('rst');
    await it.proxy.enable();
    const again = it.client();
    again.send('x');
    await (await until('it is connected', () => it.accepted[1])).sees('x');
  });

  test('restarts elsewhere with its toxics when its address changes', async () => {
    const { listen } = it.proxy.declaration;
    it.proxy.addToxic({ name: 't', type: 'noop', stream: 'upstream', toxicity: 1, attributes: {} });
    await it.proxy.update({ listen: '127.0.0.1:0' });
    expect(it.proxy.declaration.listen).not.toBe(listen);
    expect(it.proxy.toxics).toHaveLength(1);
    const client = it.client();
    client.send('x');
    await (await until('it is connected', () => it.accepted[0])).sees('x');
  });

  test('says that its port is taken, and stays disabled', async () => {
    const other = createServer().listen(0, '127.0.0.1');
    await until('the port is taken', () => other.listening);
    const { port } = other.address() as { port: number };
    await expect(it.proxy.update({ listen: `127.0.0.1:${port}` })).rejects.toMatchObject({
      code: 'EADDRINUSE',
      syscall: 'listen',
    });
    expect(it.proxy).toMatchObject({ enabled: false, listening: false });
    other.close();
  });

  test('shows an error while a port that a fault closed cannot be taken again, and takes it once it is free', async () => {
    it.put({ type: 'down' });
    const [host, port] = it.proxy.declaration.listen.split(':');
    const thief = createServer().listen(Number(port), host);
    await until('the port is taken', () => thief.listening);
    it.plane.emptyFaults();
    await until('the error shows', () => it.proxy.error);
    expect(it.proxy.error).toContain('EADDRINUSE');
    expect(it.proxy).toMatchObject({ enabled: true, listening: false });
    thief.close();
    await until('it listens again', () => it.proxy.listening);
    expect(it.proxy.error).toBeUndefined();
  });

  test('lists live connections and closes them', async () => {
    const client = it.client();
    client.send('abc');
    const upstream = await until('the upstream is connected', () => it.accepted[0]);
    await upstream.sees('abc');
    expect(it.plane.connections()).toMatchObject([
      { id: 1, proxy: 'p', client: '127.0.0.1', bytes: { up: 3, down: 0 } },
    ]);
    expect(it.plane.closeConnections('other')).toBe(0);
    expect(it.plane.closeConnections()).toBe(1);
    await client.end();
    await gone();
  });
});

describe('a fault set', () => {
  test('draws for live connections by age and keeps each draw through a ramp', async () => {
    const clients = [];
    for (let index = 0; index < 8; index++) {
      clients.push(it.client());
      await until('it is connected', () => it.accepted.length === index + 1);
    }
    it.put({ type: 'blackhole', toxicity: 0 });
    let before = 0;
    for (const toxicity of [0.3, 0.6, 1]) {
      it.renew({ type: 'blackhole', toxicity });
      expect(seen().held.open).toBeGreaterThanOrEqual(before);
      before = seen().held.open;
    }
    expect(before).toBe(8);
    it.plane.emptyFaults();
    expect(seen().held.open).toBe(0);
  });

  test('acts on a live connection from the moment of its renewal', async () => {
    it.put({ type: 'latency', toxicity: 0, attributes: { latency: '60s' } });
    const client = it.client();
    const upstream = await until('the upstream is connected', () => it.accepted[0]);
    upstream.send('free');
    await client.sees('free');
    it.renew({ type: 'latency', toxicity: 1, attributes: { latency: '60s' } });
    upstream.send('held');
    await until('it is held', () => seen().held.open === 1);
    it.renew({ type: 'latency', toxicity: 0, attributes: { latency: '60s' } });
    await client.sees('freeheld');
  });
});
