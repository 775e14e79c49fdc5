import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { bandwidth } from '../../src/faults/bandwidth.ts';
import { type Bench, bench } from '../proxy/bench.ts';
import { FakeClock } from '../support/fake-clock.ts';
import { until } from '../support/until.ts';
import { playBytes } from './harness.ts';

describe('bandwidth', () => {
  test('lets a chunk pass after the time that it takes at the rate', () => {
    const played = playBytes(bandwidth, { rate: 1 });
    played.push('x'.repeat(50));
    played.push('y'.repeat(30));
    played.clock.advance(1000);
    expect(played.out).toEqual([`50 ${'x'.repeat(50)}`, `80 ${'y'.repeat(30)}`]);
  });

  test('cuts what takes longer into slices of 100 ms', () => {
    const played = playBytes(bandwidth, { rate: 0.01 });
    played.push('abc');
    played.clock.advance(1000);
    expect(played.out).toEqual(['100 a', '200 b', '300 c']);
  });

  test('keeps the rate over many small chunks although timers fire late', () => {
    class LateClock extends FakeClock {
      override after(ms: number, callback: () => void) {
        return super.after(ms + 3, callback);
      }
    }
    const played = playBytes(bandwidth, { rate: 10 }, { clock: new LateClock() });
    for (let chunk = 0; chunk < 100; chunk++) played.push('0123456789');
    played.clock.advance(99);
    expect(played.out.length).toBeLessThan(100);
    played.clock.advance(5);
    expect(played.out).toHaveLength(100);
  });

  test('lets nothing pass at rate 0, and begins without credit when the rate rises', () => {
    const played = playBytes(bandwidth, { rate: 0 });
    played.push('abc');
    played.behaviour.end();
    played.clock.advance(60_000);
    expect(played.out).toEqual([]);
    played.change({ rate: 0.01 });
    played.clock.advance(300);
    expect(played.out).toEqual(['60100 a', '60200 b', '60300 c', '60300 end']);
  });

  test('is shared by the connections of a proxy where its scope says so', () => {
    const world = { clock: new FakeClock(), shared: new Map() };
    const [one, other] = [1, 2].map(() => playBytes(bandwidth, { rate: 1, scope: 'proxy' }, world));
    one!.push('x'.repeat(50));
    other!.push('y'.repeat(50));
    world.clock.advance(1000);
    expect([...one!.out, ...other!.out]).toEqual([`50 ${'x'.repeat(50)}`, `100 ${'y'.repeat(50)}`]);
  });

  test('hands on all that it holds when taken back', () => {
    const played = playBytes(bandwidth, { rate: 0.01 });
    played.push('abc');
    played.push('def');
    played.behaviour.end();
    played.clock.advance(100);
    played.behaviour.release();
    expect(played.out).toEqual(['100 a', '100 bc', '100 def', '100 end']);
    expect(played.clock.pending).toBe(0);
  });

  test('refuses a negative rate', () => {
    expect(() => bandwidth.attributes.parse({ rate: -1 })).toThrow('-1 is below 0');
  });

  test('says what it does, and what it adds to an answer of 64 KiB', () => {
    expect(bandwidth.explain(bandwidth.attributes.parse({ rate: 100 }))).toBe(
      'let 97.7 KiB a second pass, on each connection',
    );
    expect(bandwidth.addedLatency(bandwidth.attributes.parse({ rate: 65.536 }))).toBe(1000);
    expect(bandwidth.addedLatency(bandwidth.attributes.parse({ rate: 0 }))).toBe(Number.POSITIVE_INFINITY);
  });
});

describe('bandwidth on real sockets', () => {
  let it: Bench;
  beforeEach(async () => {
    it = await bench();
  });
  afterEach(() => it.close());

  test('spreads 40 kB at 100 KB/s over 400 ms, and pushes back on the sender', async () => {
    it.put({ type: 'bandwidth', stream: 'downstream', attributes: { rate: 100 } });
    const client = it.client();
    const upstream = await until('the upstream is connected', () => it.accepted[0]);
    const began = performance.now();
    upstream.send('x'.repeat(40_000));
    await until('all has come', () => client.text.length === 40_000);
    expect(performance.now() - began).toBeGreaterThan(395);

    it.put({ type: 'bandwidth', stream: 'downstream', attributes: { rate: 0 } });
    upstream.send('y'.repeat(20_000_000));
    await until('the sender is held up', () => upstream.socket.writableNeedDrain);
    expect(client.text).toHaveLength(40_000);
    it.plane.emptyFaults();
    await until('the rest has come', () => client.text.length === 20_040_000);
  });
});
