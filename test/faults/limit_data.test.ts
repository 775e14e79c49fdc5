import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { limitData } from '../../src/faults/limit_data.ts';
import { type Bench, bench } from '../proxy/bench.ts';
import { until } from '../support/until.ts';
import { playBytes } from './harness.ts';

describe('limit_data', () => {
  test('passes so many bytes, the last chunk in part, then closes', () => {
    const played = playBytes(limitData, { bytes: 5 });
    played.push('abc');
    expect(played.injections).toBe(0);
    played.push('def');
    expect(played.out).toEqual(['0 abc', '0 de', '0 fin']);
    expect(played.injections).toBe(1);
  });

  test('closes when the limit is reached to the byte', () => {
    const played = playBytes(limitData, { bytes: 3 });
    played.push('abc');
    expect(played.out).toEqual(['0 abc', '0 fin']);
  });

  test('closes at the first data with 0', () => {
    const played = playBytes(limitData, { bytes: 0 });
    played.push('abc');
    expect(played.out).toEqual(['0 fin']);
  });

  test('passes the end of a stream below the limit', () => {
    const played = playBytes(limitData, { bytes: '1KiB' });
    played.push('abc');
    played.behaviour.end();
    expect(played.out).toEqual(['0 abc', '0 end']);
  });
});

describe('limit_data on real sockets', () => {
  let it: Bench;
  beforeEach(async () => {
    it = await bench();
  });
  afterEach(() => it.close());

  test('cuts each connection at its limit, after what later faults still hold has come', async () => {
    it.put(
      { type: 'limit_data', attributes: { bytes: 100_000 } },
      { type: 'latency', attributes: { latency: 50 } },
    );
    const client = it.client();
    const upstream = await until('the upstream is connected', () => it.accepted[0]);
    upstream.send('x'.repeat(300_000));
    expect(await client.end()).toBe('fin');
    expect(client.text).toHaveLength(100_000);
    expect(await upstream.end()).toBe('fin');
    await until('the link is gone', () => it.plane.connections().length === 0);
    expect(it.plane.observation().proxies.p!.status).toEqual({ error: { organic: 0, injected: 1 } });
  });
});
