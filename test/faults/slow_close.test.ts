import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { slowClose } from '../../src/faults/slow_close.ts';
import { type Bench, bench } from '../proxy/bench.ts';
import { until } from '../support/until.ts';
import { playBytes } from './harness.ts';

describe('slow_close', () => {
  test('passes data at once and the end after the delay', () => {
    const played = playBytes(slowClose, { delay: 100 });
    played.push('a');
    played.behaviour.end();
    expect(played.injections).toBe(1);
    played.clock.advance(1000);
    expect(played.out).toEqual(['0 a', '100 end']);
  });

  test('follows a change of the delay while it waits', () => {
    const played = playBytes(slowClose, { delay: 100 });
    played.behaviour.end();
    played.change({ delay: 300 });
    played.clock.advance(200);
    expect(played.out).toEqual([]);
    played.change({ delay: 50 });
    expect(played.out).toEqual(['200 end']);
  });

  test('passes a held end on when taken back, and none that never came', () => {
    const played = playBytes(slowClose, { delay: 60_000 });
    played.behaviour.end();
    played.behaviour.release();
    expect(played.out).toEqual(['0 end']);
    const open = playBytes(slowClose, { delay: 60_000 });
    open.behaviour.release();
    expect(open.out).toEqual([]);
  });
});

describe('slow_close on real sockets', () => {
  let it: Bench;
  beforeEach(async () => {
    it = await bench();
  });
  afterEach(() => it.close());

  test('holds a FIN back until it is taken back', async () => {
    it.put({ type: 'slow_close', attributes: { delay: '60s' } });
    const client = it.client();
    const upstream = await until('the upstream is connected', () => it.accepted[0]);
    upstream.socket.end('bye');
    await client.sees('bye');
    await until('the end is held', () => it.plane.observation().proxies.p!.held.open === 1);
    expect(client.ended).toBeUndefined();
    it.plane.emptyFaults();
    expect(await client.end()).toBe('fin');
  });
});
