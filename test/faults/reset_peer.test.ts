import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { resetPeer } from '../../src/faults/reset_peer.ts';
import { type Bench, bench } from '../proxy/bench.ts';
import { until } from '../support/until.ts';
import { playBytes } from './harness.ts';

describe('reset_peer', () => {
  test('waits for the first data, then for the time-out, then resets', () => {
    const played = playBytes(resetPeer, { timeout: 100 });
    played.clock.advance(500);
    expect(played.out).toEqual([]);
    played.push('a');
    played.clock.advance(1000);
    expect(played.out).toEqual(['600 rst']);
  });

  test('takes the end for data', () => {
    const played = playBytes(resetPeer, { timeout: 0 });
    played.behaviour.end();
    expect(played.out).toEqual(['0 rst']);
  });

  test('closes by FIN what was open before it', () => {
    const played = playBytes(resetPeer, { timeout: 0 }, { opened: 'before' });
    played.push('a');
    expect(played.out).toEqual(['0 fin']);
  });

  test('gives back what it holds when it is taken back before the reset', () => {
    const played = playBytes(resetPeer, { timeout: 60_000 });
    played.push('a');
    played.behaviour.end();
    expect(played.behaviour.held).toBeGreaterThan(played.behaviour.capacity);
    played.behaviour.release();
    expect(played.out).toEqual(['0 a', '0 end']);
    expect(played.clock.pending).toBe(0);
  });
});

describe('reset_peer on real sockets', () => {
  let it: Bench;
  beforeEach(async () => {
    it = await bench();
  });
  afterEach(() => it.close());

  test('resets a connection opened under it and closes an older one by FIN', async () => {
    const older = it.client();
    await until('it is connected', () => it.accepted.length === 1);
    it.put({ type: 'reset_peer', stream: 'upstream', attributes: { timeout: 10 } });
    const newer = it.client();
    older.send('x');
    newer.send('x');
    expect(await older.end()).toBe('fin');
    expect(await newer.end()).toBe('rst');
    expect(it.accepted.map(({ text }) => text).join('')).toBe('');
  });
});
