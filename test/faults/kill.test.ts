import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { kill } from '../../src/faults/kill.ts';
import { type Bench, bench } from '../proxy/bench.ts';
import { until } from '../support/until.ts';
import { connection, playListener } from './harness.ts';

const killed = (live: ReturnType<typeof connection>[]) => live.filter(({ closedBy }) => closedBy).length;

describe('kill', () => {
  test('closes a share of the live connections once', () => {
    const live = Array.from({ length: 10 }, (_, id) => connection(id));
    const { clock } = playListener(kill, { fraction: '30%', with: 'fin' }, live);
    clock.advance(60_000);
    expect(killed(live)).toBe(3);
    expect(live.filter(({ closedBy }) => closedBy === 'fin')).toHaveLength(3);
    expect(clock.pending).toBe(0);
  });

  test('closes it again and again where it says how often, until taken back', () => {
    const live = Array.from({ length: 16 }, (_, id) => connection(id));
    const { clock, behaviour } = playListener(kill, { fraction: 0.5, every: '1s' }, live);
    expect(killed(live)).toBe(8);
    clock.advance(1000);
    expect(killed(live)).toBe(12);
    behaviour.release();
    clock.advance(60_000);
    expect(killed(live)).toBe(12);
  });

  test('does not strike anew because its attributes change', () => {
    const live = Array.from({ length: 16 }, (_, id) => connection(id));
    const { clock, change } = playListener(kill, { fraction: 0.5, every: '1s' }, live);
    clock.advance(400);
    change({ fraction: 0.25, every: '2s' });
    expect(killed(live)).toBe(8);
    clock.advance(1600);
    expect(killed(live)).toBe(10);
  });

  test('draws whether a share below one connection closes one', () => {
    const struck = (random: number) => {
      const live = [connection(1)];
      playListener(kill, { fraction: 0.25 }, live, { random: () => random });
      return killed(live);
    };
    expect([struck(0.1), struck(0.9)]).toEqual([1, 0]);
  });

  test('explains itself', () => {
    expect(kill.explain(kill.attributes.parse({ fraction: 0.5, every: '10s' }))).toBe(
      'close 50% of live connections with a reset, every 10 s',
    );
  });
});

describe('kill on real sockets', () => {
  let it: Bench;
  beforeEach(async () => {
    it = await bench();
  });
  afterEach(() => it.close());

  test.each(['fin', 'rst'] as const)(
    'closes all live connections by %s and lets new ones in',
    async (how) => {
      const live = [it.client(), it.client(), it.client()];
      await until('they are connected', () => it.accepted.length === 3);
      it.put({ type: 'kill', attributes: { with: how } });
      for (const client of live) expect(await client.end()).toBe(how);
      for (const upstream of it.accepted) expect(await upstream.end()).toBe(how);
      const fresh = it.client();
      fresh.send('new');
      await (await until('it is connected', () => it.accepted[3])).sees('new');
      expect(it.plane.state().faults[0]).toMatchObject({ matched: 4, injected: 3 });
    },
  );
});
