import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { latency } from '../../src/faults/latency.ts';
import { type Bench, bench } from '../proxy/bench.ts';
import { until } from '../support/until.ts';
import { playBytes } from './harness.ts';

describe('latency', () => {
  test('delays each chunk from its own arrival and leaves the throughput alone', () => {
    const played = playBytes(latency, { latency: 100 });
    played.push('a');
    played.clock.advance(60);
    played.push('b');
    expect(played.behaviour.held).toBe(2);
    played.clock.advance(1000);
    expect(played.out).toEqual(['100 a', '160 b']);
    expect(played.behaviour.held).toBe(0);
  });

  test('keeps the order where jitter would let a later chunk overtake', () => {
    const draws = [1, 0];
    const played = playBytes(latency, { latency: 100, jitter: 50 }, { random: () => draws.shift()! });
    played.push('late');
    played.push('early');
    played.clock.advance(1000);
    expect(played.out).toEqual(['150 late', '150 early']);
  });

  test('lets pass at once where the jitter takes the whole delay away', () => {
    const played = playBytes(latency, { latency: 10, jitter: 50 }, { random: () => 0 });
    played.push('a');
    expect(played.out).toEqual(['0 a']);
    expect(played.injections).toBe(0);
  });

  test('passes the end on after the last chunk, without a delay of its own', () => {
    const played = playBytes(latency, { latency: 100 });
    played.push('a');
    played.behaviour.end();
    played.clock.advance(1000);
    expect(played.out).toEqual(['100 a', '100 end']);

    const idle = playBytes(latency, { latency: 100 });
    idle.behaviour.end();
    expect(idle.out).toEqual(['0 end']);
  });

  test('shortens the wait of what is held when it falls, and lengthens only what comes when it rises', () => {
    const played = playBytes(latency, { latency: 1000 });
    played.push('a');
    played.change({ latency: 5000 });
    played.push('b');
    played.clock.advance(1000);
    played.change({ latency: 2000 });
    played.clock.advance(5000);
    expect(played.out).toEqual(['1000 a', '2000 b']);
  });

  test('hands on all that it holds, and the end, in the tick in which it is taken back', () => {
    const played = playBytes(latency, { latency: 60_000 });
    played.push('a');
    played.push('b');
    played.behaviour.end();
    played.behaviour.release();
    expect(played.out).toEqual(['0 a', '0 b', '0 end']);
    expect(played.clock.pending).toBe(0);
  });

  test('says how long it can delay and what it does', () => {
    const attributes = latency.attributes.parse({ latency: '250ms', jitter: '50ms' });
    expect(latency.addedLatency(attributes)).toBe(300);
    expect(latency.explain(attributes)).toBe('delay each chunk by 250 ms ± 50 ms');
  });
});

describe('latency on real sockets', () => {
  let it: Bench;
  beforeEach(async () => {
    it = await bench();
  });
  afterEach(() => it.close());

  test('delays what a live connection carries, and lets go in the tick in which it is emptied', async () => {
    const client = it.client();
    const upstream = await until('the upstream is connected', () => it.accepted[0]);
    it.put({ type: 'latency', stream: 'downstream', attributes: { latency: 120 } });
    const began = performance.now();
    upstream.send('slow');
    await client.sees('slow');
    expect(performance.now() - began).toBeGreaterThan(115);

    it.put({ type: 'latency', stream: 'downstream', attributes: { latency: '60s' } });
    upstream.send('held');
    await until('the chunk is held', () => it.plane.observation().proxies.p!.held.open === 1);
    const [before] = it.plane.connections();
    it.plane.emptyFaults();
    const [after] = it.plane.connections();
    expect(after!.bytes.down - before!.bytes.down).toBe(4);
    expect(it.plane.observation().proxies.p!.held).toEqual({ open: 0, longestMs: 0 });
    await client.sees('slowheld');
  });

  test('adds up with another one', async () => {
    it.put(
      { type: 'latency', stream: 'upstream', attributes: { latency: 60 } },
      { type: 'latency', stream: 'upstream', attributes: { latency: 60 } },
    );
    const client = it.client();
    const upstream = await until('the upstream is connected', () => it.accepted[0]);
    const began = performance.now();
    client.send('x');
    await upstream.sees('x');
    expect(performance.now() - began).toBeGreaterThan(115);
  });
});
