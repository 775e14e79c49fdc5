import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { timeout } from '../../src/faults/timeout.ts';
import { type Bench, bench } from '../proxy/bench.ts';
import { until } from '../support/until.ts';
import { playBytes } from './harness.ts';

describe('timeout', () => {
  test('swallows all, and closes after a silence that starts over with each chunk', () => {
    const played = playBytes(timeout, { timeout: 100 });
    played.push('a');
    played.clock.advance(90);
    played.push('b');
    played.clock.advance(1000);
    expect(played.out).toEqual(['190 fin']);
    expect(played.injections).toBeGreaterThan(0);
  });

  test('closes a connection that never sent anything', () => {
    const played = playBytes(timeout, { timeout: 100 });
    played.clock.advance(1000);
    expect(played.out).toEqual(['100 fin']);
  });

  test('never closes with 0', () => {
    const played = playBytes(timeout, { timeout: 0 });
    played.push('a');
    played.clock.advance(3_600_000);
    expect(played.out).toEqual([]);
    expect(timeout.addedLatency(timeout.attributes.parse({}))).toBe(Number.POSITIVE_INFINITY);
  });

  test('lets an end through at once, and closes nothing after it', () => {
    const played = playBytes(timeout, { timeout: 100 });
    played.push('a');
    played.clock.advance(50);
    played.behaviour.end();
    played.behaviour.updated?.();
    played.clock.advance(1000);
    played.behaviour.release();
    expect(played.out).toEqual(['50 end']);
  });

  test('is spoiled only once bytes are lost', () => {
    const idle = playBytes(timeout, { timeout: 0 });
    idle.behaviour.release();
    expect(idle.behaviour.spoiled).toBe(false);
    const lossy = playBytes(timeout, { timeout: 0 });
    lossy.push('a');
    expect(lossy.behaviour.spoiled).toBe(true);
  });
});

describe('timeout on real sockets', () => {
  let it: Bench;
  beforeEach(async () => {
    it = await bench();
  });
  afterEach(() => it.close());

  test('closes what lost data when it is taken back, and leaves a silent connection open', async () => {
    const [talker, silent] = [it.client(), it.client()];
    await until('both are connected', () => it.accepted.length === 2);
    it.put({ type: 'timeout', stream: 'upstream', attributes: { timeout: 0 } });
    talker.send('lost');
    await until('the data is swallowed', () => it.plane.state().faults[0]!.injected === 1);
    it.plane.emptyFaults();
    expect(await talker.end()).toBe('fin');
    silent.send('kept');
    await until('the other one flows', () => it.accepted.some(({ text }) => text === 'kept'));
    expect(it.accepted.map(({ text }) => text).join('')).toBe('kept');
    expect(silent.ended).toBeUndefined();
  });
});
