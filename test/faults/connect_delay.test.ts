import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { connectDelay } from '../../src/faults/connect_delay.ts';
import { type Bench, bench } from '../proxy/bench.ts';
import { until } from '../support/until.ts';
import { connection, playListener } from './harness.ts';

function admitted(behaviour: ReturnType<typeof playListener>['behaviour']): { gone: boolean } {
  const state = { gone: false };
  const admission = behaviour.admit!(connection(1));
  if (admission.do === 'pass') state.gone = true;
  if (admission.do === 'hold') {
    admission.until(() => {
      state.gone = true;
    });
  }
  return state;
}

describe('connect_delay', () => {
  test('holds each connection for its own delay', () => {
    const { behaviour, clock } = playListener(connectDelay, { latency: 100 });
    const first = admitted(behaviour);
    clock.advance(60);
    const second = admitted(behaviour);
    clock.advance(40);
    expect([first.gone, second.gone]).toEqual([true, false]);
    clock.advance(60);
    expect(second.gone).toBe(true);
  });

  test('varies by its jitter', () => {
    const { behaviour, clock } = playListener(connectDelay, { latency: 100, jitter: 50 }, [], {
      random: () => 0,
    });
    const early = admitted(behaviour);
    clock.advance(50);
    expect(early.gone).toBe(true);
  });

  test('holds nobody without a delay, and lets go of all at once when taken back', () => {
    const { behaviour, change } = playListener(connectDelay, {});
    expect(admitted(behaviour).gone).toBe(true);
    change({ latency: '1h' });
    const held = [admitted(behaviour), admitted(behaviour)];
    expect(held.map(({ gone }) => gone)).toEqual([false, false]);
    behaviour.release();
    expect(held.map(({ gone }) => gone)).toEqual([true, true]);
  });

  test('explains itself', () => {
    expect(connectDelay.explain({ latency: 250, jitter: 50 })).toBe(
      'accept each new connection, and dial the upstream 250 ms ± 50 ms later',
    );
  });
});

describe('connect_delay on real sockets', () => {
  let it: Bench;
  beforeEach(async () => {
    it = await bench();
  });
  afterEach(() => it.close());

  test('leaves live connections alone, dials late, and at once when taken back', async () => {
    const live = it.client();
    const upstream = await until('it is connected', () => it.accepted[0]);
    it.put({ type: 'connect_delay', attributes: { latency: '1h' } });
    const late = it.client();
    late.send('early');
    await until('it is held', () => it.plane.observation().proxies.p!.held.open === 1);
    live.send('on');
    await upstream.sees('on');
    expect(it.accepted).toHaveLength(1);
    it.plane.emptyFaults();
    const second = await until('it is dialled', () => it.accepted[1]);
    await second.sees('early');
  });

  test('adds its delay to a connection, and loses nothing', async () => {
    it.put({ type: 'connect_delay', attributes: { latency: 150 } });
    const began = performance.now();
    const client = it.client();
    client.send('early');
    const upstream = await until('it is dialled', () => it.accepted[0]);
    expect(performance.now() - began).toBeGreaterThanOrEqual(149);
    await upstream.sees('early');
  });
});
