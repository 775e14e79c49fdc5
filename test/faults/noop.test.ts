import { afterEach, beforeEach, expect, test } from 'vitest';
import { noop } from '../../src/faults/noop.ts';
import { type Bench, bench } from '../proxy/bench.ts';
import { until } from '../support/until.ts';
import { playBytes } from './harness.ts';

let it: Bench;
beforeEach(async () => {
  it = await bench();
});
afterEach(() => it.close());

test('noop passes every chunk and the end at once', () => {
  const played = playBytes(noop, {});
  played.push('a');
  played.behaviour.end();
  expect(played.out).toEqual(['0 a', '0 end']);
});

test('noop leaves a real connection as it is', async () => {
  it.put({ type: 'noop' });
  const client = it.client();
  const upstream = await until('the upstream is connected', () => it.accepted[0]);
  upstream.socket.end('hello');
  await client.sees('hello');
  expect(await client.end()).toBe('fin');
});
