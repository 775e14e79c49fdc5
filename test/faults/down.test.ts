import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { down } from '../../src/faults/down.ts';
import { type Bench, bench } from '../proxy/bench.ts';
import { until } from '../support/until.ts';
import { connection, playListener } from './harness.ts';

describe('down', () => {
  test('wants the port closed and closes what is live by FIN', () => {
    const live = [connection(1), connection(2)];
    const { behaviour } = playListener(down, {}, live);
    expect(behaviour.portClosed).toBe(true);
    expect(live.map(({ closedBy }) => closedBy)).toEqual(['fin', 'fin']);
  });

  test('leaves the port open where it takes only some connections', () => {
    const { behaviour } = playListener(down, {}, [], { selective: true });
    expect(behaviour.portClosed).toBe(false);
    expect(behaviour.admit!(connection(1))).toEqual({ do: 'close', how: 'rst' });
  });

  test('cannot be set as a toxic', () => {
    expect(down.manual).toBe(false);
  });
});

describe('down on real sockets', () => {
  let it: Bench;
  beforeEach(async () => {
    it = await bench();
  });
  afterEach(() => it.close());

  test('refuses connections until it is taken back, then the same port listens again', async () => {
    const client = it.client();
    await until('it is connected', () => it.accepted.length === 1);
    const { listen } = it.proxy.declaration;
    it.put({ type: 'down' });
    expect(await client.end()).toBe('fin');
    expect(it.proxy).toMatchObject({ enabled: true, listening: false, error: undefined });
    const refused = it.client();
    expect(await refused.end()).toBe('rst');

    it.plane.emptyFaults();
    await until('it listens again', () => it.proxy.listening);
    expect(it.proxy.declaration.listen).toBe(listen);
    const again = it.client();
    again.send('hello');
    const upstream = await until('it is connected', () => it.accepted[1]);
    await upstream.sees('hello');
  });

  test('keeps the port closed over a swap for another one, and through the end of an older set', async () => {
    it.put({ type: 'down' });
    it.put({ type: 'down' }, { type: 'latency' });
    expect(it.proxy.listening).toBe(false);
    expect(await it.client().end()).toBe('rst');
  });

  test('is independent of a port closed by hand', async () => {
    it.put({ type: 'down' });
    await it.proxy.disable();
    it.plane.emptyFaults();
    expect(it.proxy).toMatchObject({ enabled: false, listening: false });
    expect(await it.client().end()).toBe('rst');

    it.put({ type: 'down' });
    await it.proxy.enable();
    expect(it.proxy).toMatchObject({ enabled: true, listening: false });
    it.plane.emptyFaults();
    await until('it listens again', () => it.proxy.listening);
  });
});
