import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { blackhole } from '../../src/faults/blackhole.ts';
import { type Bench, bench } from '../proxy/bench.ts';
import { until } from '../support/until.ts';
import { connection, playListener } from './harness.ts';

describe('blackhole', () => {
  test('freezes what is live, holds what is new, and lets go of both', () => {
    const live = [connection(1)];
    const { behaviour } = playListener(blackhole, {}, live);
    expect(live[0]!.frozen).toBe(true);
    const admission = behaviour.admit!(connection(2));
    let gone = false;
    if (admission.do === 'hold') admission.until(() => (gone = true));
    expect(gone).toBe(false);
    behaviour.release();
    expect(gone).toBe(true);
    expect(live[0]!.frozen).toBe(false);
  });
});

describe('blackhole on real sockets', () => {
  let it: Bench;
  beforeEach(async () => {
    it = await bench();
  });
  afterEach(() => it.close());

  test('moves nothing either way, dials nobody, and loses no byte when taken back', async () => {
    const live = it.client();
    const upstream = await until('it is connected', () => it.accepted[0]);
    it.put({ type: 'blackhole' });
    live.send('up');
    upstream.send('down');
    const fresh = it.client();
    fresh.send('early');
    await until('both are held', () => it.plane.observation().proxies.p!.held.open === 2);
    expect(it.accepted).toHaveLength(1);
    expect(upstream.text + live.text).toBe('');

    it.plane.emptyFaults();
    expect(it.plane.observation().proxies.p!.held.open).toBe(0);
    await upstream.sees('up');
    await live.sees('down');
    const second = await until('the new one is dialled', () => it.accepted[1]);
    await second.sees('early');
  });

  test('lets go of those that a falling toxicity spares, and takes them again when it rises', async () => {
    const live = it.client();
    const upstream = await until('it is connected', () => it.accepted[0]);
    const held = () => it.plane.observation().proxies.p!.held.open;
    it.put({ type: 'blackhole' });
    expect(held()).toBe(1);
    it.renew({ type: 'blackhole', toxicity: 0 });
    expect(held()).toBe(0);
    live.send('one');
    await upstream.sees('one');
    it.renew({ type: 'blackhole', toxicity: 1 });
    expect(held()).toBe(1);
  });
});
