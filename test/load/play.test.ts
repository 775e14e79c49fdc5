import { describe, expect, test } from 'vitest';
import type { LoadTraffic } from '../../src/core/plan.ts';
import { play } from '../../src/load/play.ts';
import type { Answer, Prepared } from '../../src/load/request.ts';
import { FakeClock } from '../support/fake-clock.ts';
import { request, scenario, stage, trafficOf } from './support/traffic.ts';

interface Sent extends Prepared {
  readonly at: number;
  readonly user: number;
}

/** A target that answers each request after `takes` ms of a clock that only the test moves. */
function playing(
  traffic: LoadTraffic,
  takes: (sent: Sent) => number,
  answer: (sent: Sent) => Answer | undefined = () => ({ status: 200, body: '' }),
) {
  const clock = new FakeClock();
  const sent: Sent[] = [];
  const load = play({
    traffic,
    clock,
    transport: {
      send: (prepared, user, signal) =>
        new Promise((resolve, reject) => {
          const one = { ...prepared, user, at: clock.now() };
          sent.push(one);
          signal.addEventListener('abort', () => reject(new Error('given up')));
          clock.after(takes(one), () => {
            const told = answer(one);
            if (told) resolve(told);
            else reject(new Error('broken'));
          });
        }),
      close: async () => {},
    },
  });
  const stop = async () => {
    const stopped = load.stop(20_000);
    await clock.advanceAsync(20_100);
    return (await stopped).traffic!;
  };
  return { clock, sent, load, stop };
}

describe('an open rate', () => {
  test('asks as often of a target that stalls, and counts what waits from its intended start', async () => {
    // From 2 s to 4 s nothing is answered before 4 s.
    const stalled = ({ at }: Sent) => (at >= 2000 && at < 4000 ? 4000 - at : 1);
    const { clock, sent, stop } = playing(trafficOf(), stalled);
    await clock.advanceAsync(10_000);
    const { total, windows } = await stop();
    expect(sent).toHaveLength(100);
    expect(total).toMatchObject({ requests: 100, failed: 0, throughput: 10, p50: 1 });
    expect(total.max).toBeGreaterThan(1900);
    // A fifth of all began during the stall, evenly: the worst twentieth waited nearly three quarters of it.
    expect(total.p95).toBeGreaterThan(1400);
    expect(windows.find(({ at }) => at === 2000)!.p95).toBeGreaterThan(1500);
    expect(windows.find(({ at }) => at === 5000)!.p95).toBeLessThan(2);
  });

  test('counts the wait of its own side too, when that stood still', async () => {
    const { clock, sent, stop } = playing(trafficOf(), () => 1);
    await clock.advanceAsync(1000);
    clock.freeze(3000);
    await clock.advanceAsync(1000);
    const { total } = await stop();
    expect(sent).toHaveLength(50);
    expect(total.max).toBeGreaterThan(2900);
  });

  test('gives up what takes too long, and has it in its latencies', async () => {
    const { clock, stop } = playing(trafficOf({ timeoutMs: 500 }), () => 60_000);
    await clock.advanceAsync(2000);
    const { total, windows } = await stop();
    expect(total).toMatchObject({ requests: 20, failed: 20, errorRate: 1, throughput: 0 });
    expect(total.p50).toBeCloseTo(500, -1);
    expect(windows.every(({ failed, requests }) => failed === requests)).toBe(true);
  });

  test('says how much had no answer when nobody waits for it', async () => {
    const { clock, load } = playing(trafficOf(), () => 60_000);
    await clock.advanceAsync(2000);
    const { traffic } = await load.stop(0);
    expect(traffic!.underWay).toEqual({ requests: 20, oldestMs: 1950 });
  });

  test('sends nothing while it is paused, and its stages go on', async () => {
    const { clock, sent, load, stop } = playing(trafficOf(), () => 1);
    await clock.advanceAsync(2000);
    load.pause();
    await clock.advanceAsync(3000);
    expect(sent).toHaveLength(20);
    load.resume();
    await clock.advanceAsync(1000);
    await stop();
    expect(sent).toHaveLength(30);
    expect(sent[20]!.at).toBeGreaterThan(5000);
  });

  test('mixes scenarios by their weights', async () => {
    const scenarios = [
      { ...scenario('a'), weight: 3 },
      { ...scenario('b'), weight: 1 },
    ];
    const { clock, sent, stop } = playing(trafficOf({ scenarios }), () => 1);
    await clock.advanceAsync(4000);
    const { scenarios: seen } = await stop();
    expect(sent.slice(0, 4).map(({ path }) => path)).toEqual(['/a', '/a', '/b', '/a']);
    expect(seen.a!.requests).toBe(30);
    expect(seen.b!.requests).toBe(10);
  });
});

describe('users', () => {
  test('wait for their answers and think, so that a slow target is asked less often', async () => {
    const stages = [stage({ counts: 'users' }, 4)];
    const quick = playing(trafficOf({ stages }), () => 1);
    const slow = playing(trafficOf({ stages }), () => 3000);
    for (const { clock } of [quick, slow]) await clock.advanceAsync(10_000);
    const [many, few] = [await quick.stop(), await slow.stop()];
    expect(many.total.requests).toBeGreaterThanOrEqual(36);
    expect(many.total.requests).toBeLessThanOrEqual(40);
    expect(few.total.requests).toBeLessThanOrEqual(12);
    expect(few.total.p50).toBeCloseTo(3000, -1);
  });

  test('come and go as the stages say', async () => {
    const stages = [
      stage({ counts: 'users', name: 'few', durationMs: 5000 }, 2),
      stage({ counts: 'users', name: 'many', durationMs: 5000 }, 10),
      stage({ counts: 'users', name: 'gone', durationMs: 5000 }, 0),
    ];
    const { clock, sent, stop } = playing(trafficOf({ stages }), () => 1);
    await clock.advanceAsync(15_000);
    const { stages: seen } = await stop();
    const usersIn = (from: number, to: number) =>
      new Set(sent.filter(({ at }) => at >= from && at < to).map(({ user }) => user)).size;
    expect([usersIn(0, 5000), usersIn(6200, 10_000), usersIn(11_000, 15_000)]).toEqual([2, 10, 0]);
    expect(seen.many!.requests).toBeGreaterThan(seen.few!.requests);
  });

  test('begin not all in one moment', async () => {
    const { clock, sent } = playing(trafficOf({ stages: [stage({ counts: 'users' }, 20)] }), () => 1);
    await clock.advanceAsync(1100);
    expect(sent.filter(({ at }) => at < 500).length).toBeLessThan(16);
    expect(new Set(sent.map(({ user }) => user)).size).toBe(20);
  });
});

describe('a scenario', () => {
  const upload = scenario(
    'upload',
    request('/uploads', {
      method: 'POST',
      body: '{"n":{n}}',
      check: { status: 202 },
      save: { upload: 'file.id' },
    }),
    request('/uploads/{upload}', { check: { json: { state: 'done', 'parts.0': 7 } } }),
  );
  const one = trafficOf({ scenarios: [upload], stages: [stage({ counts: 'rate', durationMs: 1000 }, 1, 0)] });
  const posted = { status: 202, body: '{"file":{"id":"a/b"}}' };

  test('uses in later requests what earlier ones answered, encoded', async () => {
    const right = { status: 200, body: '{"state":"done","parts":[7]}' };
    const { clock, sent, stop } = playing(
      one,
      () => 10,
      ({ method }) => (method === 'POST' ? posted : right),
    );
    await clock.advanceAsync(3000);
    const { total, wrong } = await stop();
    expect(sent.map(({ path, body }) => [path, body])).toEqual([
      ['/uploads', '{"n":0}'],
      ['/uploads/a%2Fb', undefined],
    ]);
    expect([total.failed, wrong]).toEqual([0, 0]);
  });

  test.each([
    ['another status', { status: 200, body: '{}' }, 1],
    ['a body that is not what is asked', { status: 200, body: '{"state":"queued","parts":[7]}' }, 2],
    ['no JSON', { status: 200, body: 'done' }, 2],
  ])('counts %s as wrong, and ends there', async (_, answer, requests) => {
    const { clock, sent, stop } = playing(
      one,
      () => 10,
      ({ method }) => (method === 'POST' && requests > 1 ? posted : answer),
    );
    await clock.advanceAsync(3000);
    const { wrong, total } = await stop();
    expect([sent.length, wrong, total.failed]).toEqual([requests, 1, 1]);
  });

  test('counts what broke as failed, and not as a latency', async () => {
    const { clock, stop } = playing(
      one,
      () => 10,
      () => undefined,
    );
    await clock.advanceAsync(3000);
    expect((await stop()).total).toMatchObject({ requests: 1, failed: 1, p95: null });
  });

  test('draws the same numbers for the same seed, within their bounds', async () => {
    const pathsOf = async (seed: number) => {
      const scenarios = [scenario('read', request('/items/{1..6}?text={text:8B}'))];
      const { clock, sent, stop } = playing(trafficOf({ scenarios, seed }), () => 1);
      await clock.advanceAsync(10_000);
      await stop();
      return sent.map(({ path }) => path);
    };
    const paths = await pathsOf(7);
    expect(await pathsOf(7)).toEqual(paths);
    expect(await pathsOf(8)).not.toEqual(paths);
    expect(new Set(paths).size).toBe(6);
    expect(paths.every((path) => /^\/items\/[1-6]\?text=the quic$/.test(path))).toBe(true);
  });
});
