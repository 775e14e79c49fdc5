import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { refuse } from '../../src/faults/refuse.ts';
import { type Bench, bench } from '../proxy/bench.ts';
import { until } from '../support/until.ts';
import { connection, playListener } from './harness.ts';

describe('refuse', () => {
  test('wants the port closed and leaves live connections alone', () => {
    const live = [connection(1)];
    const { behaviour } = playListener(refuse, {}, live);
    expect(behaviour.portClosed).toBe(true);
    expect(live[0]!.closedBy).toBeUndefined();
  });

  test('resets what it takes where it takes only some', () => {
    const { behaviour } = playListener(refuse, {}, [], { selective: true });
    expect(behaviour.portClosed).toBe(false);
    expect(behaviour.admit!(connection(1))).toEqual({ do: 'close', how: 'rst' });
  });
});

describe('refuse on real sockets', () => {
  let it: Bench;
  beforeEach(async () => {
    it = await bench();
  });
  afterEach(() => it.close());

  test('refuses new connections while the live one goes on', async () => {
    const live = it.client();
    const upstream = await until('it is connected', () => it.accepted[0]);
    it.put({ type: 'refuse' });
    expect(await it.client().end()).toBe('rst');
    live.send('still here');
    await upstream.sees('still here');
    it.plane.emptyFaults();
    await until('it listens again', () => it.proxy.listening);
  });

  test('lets in what its match leaves out and resets the rest', async () => {
    it.put({ type: 'refuse', match: { client: '127.0.0.0/8', after: 1 } });
    expect(it.proxy.listening).toBe(true);
    const [first, second] = [it.client(), it.client()];
    const upstream = await until('the first is connected', () => it.accepted[0]);
    expect(await second.end()).toBe('rst');
    first.send('in');
    await upstream.sees('in');
    expect(it.accepted).toHaveLength(1);
    expect(it.plane.state().faults[0]).toMatchObject({ matched: 2, injected: 1, skipped: {} });
  });
});
