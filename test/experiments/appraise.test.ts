import { describe, expect, test } from 'vitest';
import { type AppraiseOptions, appraise } from '../../src/experiments/appraise.ts';
import { explainLimits } from '../../src/experiments/explain/limits.ts';
import { parseLimits } from '../../src/safety/limits/index.ts';
import { FakeClock } from '../support/fake-clock.ts';
import { planOf } from './support/harness.ts';

/** A Wednesday. */
const NOON = Date.UTC(2026, 0, 14, 12);

const plan = planOf(undefined, {
  reach: {
    toxicity: 0.6,
    proxies: 1,
    addedLatencyMs: 4000,
    durationMs: 60_000,
    connections: 20,
    requestsPerSecond: 50,
    runs: 1,
  },
});

function options(file: string, rest: Partial<AppraiseOptions> = {}): AppraiseOptions {
  const limits = parseLimits(file, 'limits.yaml');
  return {
    limits,
    given: new Set(),
    plan,
    cwd: '/nowhere',
    environment: {},
    clock: new FakeClock(NOON),
    ...rest,
  };
}
const LOCAL = 'environment: { name: local }\n';
const failing = ({ gates }: Awaited<ReturnType<typeof appraise>>) =>
  gates.filter(({ passed }) => !passed).map(({ gate, detail }) => `${gate}: ${detail}`);

describe('what the limits mean for an experiment', () => {
  test('is what it takes of each, and what is left', async () => {
    const { limits, passes } = await appraise(options(`${LOCAL}reach: { proxies: 2, addedLatency: 10s }`));
    expect(Object.fromEntries(limits.map(({ limit, margin }) => [limit, margin]))).toMatchObject({
      'reach.toxicity': '60% of 100%: 40% left',
      'reach.proxies': '1 of 2: 1 left',
      'reach.addedLatency': '4 s of 10 s: 6 s left',
      'reach.duration': '1 min of 30 min: 29 min left',
      'reach.connections': '20 of 100: 80 left',
      'spend.extraRequests': 'watched during the run',
      stopFile: undefined,
    });
    expect(passes).toBe(true);
  });

  test('says of each limit whether the file sets it', async () => {
    const { limits } = await appraise(options(LOCAL, { given: new Set(['reach', 'reach.toxicity']) }));
    const source = (key: string) => limits.find(({ limit }) => limit === key)?.source;
    expect(source('reach.toxicity')).toBe('limits.yaml');
    expect(source('reach.proxies')).toBe('built-in');
  });

  test('asks every gate, so that all that is wrong is told at once', async () => {
    const appraisal = await appraise(
      options(`environment: { name: production, allowed: [local] }
targets: { deny: [127.0.0.1] }
windows: [{ days: sat, from: "10:00", to: "12:00", zone: Europe/Rome }]
reach: { connections: 5 }
approvals: { above: { toxicity: 50% }, by: 2 }`),
    );
    expect(appraisal.passes).toBe(false);
    expect(failing(appraisal).map((text) => text.split(':')[0])).toEqual([
      'environment allowed',
      'targets allowed',
      'window open',
      'reach within limits',
      'approvals',
    ]);
    expect(appraisal.opening).toEqual({
      open: false,
      why: 'it is outside the windows for experiments: sat 10:00-12:00 Europe/Rome',
      next: '2026-01-17 10:00 Europe/Rome',
    });
  });

  test('counts approvals that are given, each person once', async () => {
    const file = `${LOCAL}approvals: { above: { toxicity: 50% }, by: 2 }`;
    expect((await appraise(options(file, { approvals: ['Ana', 'ana'] }))).passes).toBe(false);
    expect((await appraise(options(file, { approvals: ['Ana', 'Ben'] }))).passes).toBe(true);
  });

  test('says where each host leads and why it may be touched', async () => {
    const [web] = plan.proxies;
    const { targets } = await appraise(
      options(`${LOCAL}targets: { allow: ["*.staging.example"] }`, {
        plan: { ...plan, proxies: [{ ...web!, upstream: 'db.staging.example:5432' }], probes: [] },
        resolve: async () => ['203.0.113.9'],
      }),
    );
    expect(targets).toEqual([
      {
        what: 'proxy "web"',
        host: 'db.staging.example',
        allowed: true,
        because: '"*.staging.example" allows it, and leads to 203.0.113.9',
      },
    ]);
  });

  test('is told in lines that fit a terminal, and never with a value of an exempt header', async () => {
    const file = `${LOCAL}exempt: { headers: { x-pass: hush }, clients: [10.0.0.0/8] }\nfreezes: [{ from: 2026-01-10, to: 2026-01-20 }]`;
    const text = explainLimits(await appraise(options(file)));
    expect(text).toMatch(/exempt\.headers +built-in +x-pass$/m);
    expect(text).not.toContain('hush');
    expect(text.replace(/\s+/g, ' ')).toContain('The next opening is 2026-01-21 00:00 UTC.');
    expect(text).toMatch(/A run would be refused now\n(.*\n)* {2}NO +window open +a freeze holds/);
    for (const line of text.split('\n')) expect(line.length).toBeLessThanOrEqual(100);
  });
});
