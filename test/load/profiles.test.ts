import { describe, expect, test } from 'vitest';
import { parseExpectation } from '../../src/core/expectation.ts';
import { PROFILES, profileOf } from '../../src/load/profiles/index.ts';
import { loadFileSchema } from '../../src/load/schema.ts';
import { peakOf, totalMs } from '../../src/load/stages.ts';
import { toTraffic } from '../../src/load/traffic.ts';

const WEB = 'http://127.0.0.1:1';
const of = (profile: string, rest: object = {}) =>
  toTraffic({ profile, target: profile === 'redis-connections' ? 'redis://127.0.0.1:1' : WEB, ...rest });

describe('the profiles', () => {
  test.each([
    ['baseline', 1, 1, ['p95 < 3s', 'p99 < 5s', 'errorRate == 0%', 'throughput >= 20/min']],
    ['normal-day', 30, 10, ['p95 < 4s', 'p99 < 6s', 'errorRate < 1%', 'throughput >= 600/min']],
    [
      'peak-hours',
      50,
      10,
      ['p95 < 5s', 'p99 < 8s', 'errorRate < 1%', 'throughput >= 1000/min', 'cacheHitRate > 70%'],
    ],
    ['deadline', 100, 30, ['p95 < 8s', 'p99 < 12s', 'errorRate < 2%', 'throughput >= 1500/min']],
    ['stress', 150, 10, []],
    ['spike', 100, 10, []],
    ['soak', 30, 240, ['errorRate < 1%']],
    ['agents', 100, 5, ['p50 < 50ms', 'p95 < 150ms', 'p99 < 200ms', 'errorRate < 0.1%']],
  ])('%s has %s users for %s minutes, and must meet %j', (name, users, minutes, whole) => {
    const { stages, thresholds } = profileOf(name);
    expect([peakOf(stages), totalMs(stages) / 60_000]).toEqual([users, minutes]);
    const ofAll = thresholds.filter(({ scenario, stage }) => scenario === undefined && stage === undefined);
    expect(ofAll.map(({ expect: { text } }) => text)).toEqual(whole);
  });

  test('ask in the proportions of a working day', () => {
    const shares = Object.fromEntries(
      profileOf('normal-day').scenarios.map(({ name, weight }) => [name, weight]),
    );
    expect(shares).toEqual({
      'simple-query': 30,
      'complex-query': 25,
      calculation: 20,
      upload: 10,
      search: 10,
      account: 5,
    });
  });

  test('read and write the state of agents 60 to 40, of four sizes', () => {
    const { scenarios } = profileOf('agents');
    const weightOf = (kind: string) =>
      scenarios.filter(({ name }) => name.startsWith(kind)).reduce((sum, { weight }) => sum + weight, 0);
    expect([weightOf('read'), weightOf('write')]).toEqual([60, 40]);
    expect(scenarios).toHaveLength(8);
  });

  test('play the morning of 12, 156 and 340 workspaces, and a burst of four times the rate', () => {
    expect(
      profileOf('workspaces-ramp')
        .stages.slice(0, 2)
        .map(({ level }) => level),
    ).toEqual([
      { from: 12, to: 156 },
      { from: 156, to: 340 },
    ]);
    const [before, burst] = profileOf('burst').stages;
    expect(burst!.level.to / before!.level.to).toBe(4);
  });

  test.each(PROFILES.map(({ name }) => name))('%s is a load whose parts fit', (name) => {
    const { traffic, connections, rate } = of(name);
    expect(traffic!.profile).toBe(name);
    expect(connections).toBeGreaterThan(0);
    expect(rate).toBeGreaterThan(0);
  });
});

describe('a load', () => {
  test('is shorter by its time scale, and as high as without; what comes at once still does', () => {
    const { traffic } = of('task-creations', { timeScale: 10 });
    expect(traffic!.stages.map(({ durationMs, level }) => [durationMs, level.to])).toEqual([
      [1000, 1000],
      [3000, 2],
      [6000, 2],
    ]);
  });

  test('follows the number of users that is asked for, with its limits', () => {
    const { traffic, connections, rate } = of('spike', { users: 20 });
    expect(traffic!.stages.map(({ level }) => level.to)).toEqual([2, 20, 20, 2, 2]);
    expect([connections, rate]).toEqual([20, 10]);
  });

  test('never asks for more than it says: users think, and scenarios of a rate have so many requests', () => {
    expect(of('normal-day')).toMatchObject({ connections: 30, rate: 20 });
    expect(of('burst')).toMatchObject({ connections: 80, rate: 160 });
  });

  test('takes the place of what it says itself, and drops thresholds of what it replaced', () => {
    const stages = [{ for: 1000, users: { from: 3, to: 3 } }];
    const { traffic } = of('spike', { stages });
    expect(traffic!.stages).toEqual([
      { name: 'stage 1', durationMs: 1000, counts: 'users', level: { from: 3, to: 3 } },
    ]);
    expect(traffic!.thresholds).toEqual([]);
    expect(traffic!.scenarios).toHaveLength(6);
  });

  test.each([
    [
      'a threshold on no stage',
      { profile: 'spike', thresholds: [{ stage: 'top', p95: parseExpectation('p95', '< 1s') }] },
      /there is no stage "top"/,
    ],
    ['another profile', { profile: 'peak-hour' }, /no load profile "peak-hour". Did you mean "peak-hours"/],
    ['neither stages nor a profile', {}, /a profile, or stages/],
    [
      'users and a rate',
      {
        profile: 'spike',
        stages: [
          { for: 1, users: { from: 1, to: 1 } },
          { for: 1, rate: { from: 1, to: 1 } },
        ],
      },
      /all of them users, or all of them a rate/,
    ],
    [
      'a Redis command for the web',
      { profile: 'redis-connections' },
      /has a Redis command, and the target is none/,
    ],
    ['the web for a Redis', { profile: 'spike', target: 'redis://127.0.0.1' }, /has no Redis command/],
  ])('is refused with %s', (_, input, why) => {
    expect(() => toTraffic({ target: WEB, ...input } as Parameters<typeof toTraffic>[0])).toThrow(why);
  });
});

describe('a load file', () => {
  test('says stages, scenarios and thresholds', () => {
    const file = loadFileSchema.parse({
      target: WEB,
      stages: [
        { name: 'up', for: '30s', users: { from: 1, to: 10 } },
        { name: 'top', for: '1m', users: 10 },
      ],
      scenarios: [{ name: 'read', requests: [{ path: '/a/{1..9}', expect: { json: { ok: true } } }] }],
      think: { from: '100ms', to: '1s' },
      thresholds: [
        { p95: '< 1s', throughput: '>= 60/min' },
        { stage: 'top', against: 'up', ratio: 'p95 < 1.5x' },
      ],
    });
    const { traffic, connections, rate } = toTraffic({ ...file, target: WEB });
    expect([connections, rate]).toEqual([10, 100]);
    expect(traffic!.thresholds.map(({ expect: { text }, against }) => [text, against])).toEqual([
      ['p95 < 1s', undefined],
      ['throughput >= 60/min', undefined],
      ['p95 < 1.5x of baseline', 'up'],
    ]);
    expect(traffic!.scenarios[0]!.requests[0]).toMatchObject({
      method: 'GET',
      check: { json: { ok: true } },
    });
  });

  test.each([
    [
      'a stage with both',
      { stages: [{ for: '1s', users: 1, rate: 1 }] },
      'a stage needs users or rate, and not both',
    ],
    ['a stage with neither', { stages: [{ for: '1s' }] }, 'a stage needs users or rate, and not both'],
    [
      'a ratio of nothing',
      { thresholds: [{ stage: 'a', ratio: 'p95 < 2x' }] },
      'give ratio and against together',
    ],
    ['a bad bound', { thresholds: [{ throughput: '20 a minute' }] }, 'is not an expectation'],
    [
      'a path that leaves the target',
      { scenarios: [{ name: 'x', requests: [{ path: '//evil.example/' }] }] },
      'begins with one /',
    ],
    ['a pause too short to bound its rate', { think: { from: '1ms', to: '1s' } }, 'too short'],
    ['a target of another kind', { target: 'ftp://127.0.0.1' }, 'not a URL'],
  ])('is refused with %s', (_, file, why) => {
    const { error } = loadFileSchema.safeParse({ profile: 'spike', ...file });
    expect(error?.issues.map(({ message }) => message).join(' ')).toContain(why);
  });
});
