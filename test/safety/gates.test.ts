import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { FaultSetState } from '../../src/core/fault.ts';
import type { SafetyLimits } from '../../src/core/limits.ts';
import type { Plan } from '../../src/core/plan.ts';
import { GATES, type GateContext, type GateOutcome, passGates } from '../../src/safety/gates.ts';
import { DEFAULT_LIMITS } from '../../src/safety/limits/defaults.ts';
import { FakeClock } from '../support/fake-clock.ts';
import { probeSpec } from '../support/scripted-probe.ts';

let folder = '';
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'faultline-gates-'));
  writeFileSync(join(folder, 'STOP'), '');
});
afterAll(() => rmSync(folder, { recursive: true }));

const EMPTY: FaultSetState = { instance: 'a', epoch: 0, expiresIn: 0, faults: [] };

const PLAN: Plan = {
  name: 'outage',
  title: '',
  hypothesis: '',
  tags: [],
  seed: 1,
  source: { file: 'x.yaml', hash: '', text: '' },
  proxies: [{ name: 'redis', protocol: 'redis', listen: '127.0.0.1:0', upstream: '127.0.0.1:6379' }],
  control: '127.0.0.1:8474',
  baselineMs: 30_000,
  probes: [probeSpec('read')],
  abortWhen: [],
  steps: [],
  recoveryMs: 60_000,
  reach: {
    toxicity: 1,
    proxies: 1,
    addedLatencyMs: 1000,
    durationMs: 60_000,
    connections: 20,
    requestsPerSecond: 50,
    runs: 1,
  },
};

function context(
  given: Partial<GateContext> & { state?: Partial<FaultSetState>; toxics?: string[] } = {},
): GateContext {
  const { state, toxics = [], ...rest } = given;
  return {
    plan: PLAN,
    limits: DEFAULT_LIMITS,
    clock: new FakeClock(Date.UTC(2026, 0, 5, 12)),
    driver: { state: async () => ({ ...EMPTY, ...state }), manualToxics: async () => toxics },
    run: 'this',
    otherRuns: async () => [],
    stopFile: join(folder, 'no-such-file'),
    environment: {},
    approvals: [],
    ...rest,
  };
}

const limits = (given: Partial<SafetyLimits>): SafetyLimits => ({ ...DEFAULT_LIMITS, ...given });
const withUpstream = (upstream: string): Plan => ({ ...PLAN, proxies: [{ ...PLAN.proxies[0]!, upstream }] });

async function outcomes(asked: GateContext): Promise<GateOutcome[]> {
  const all: GateOutcome[] = [];
  for await (const outcome of passGates(asked)) all.push(outcome);
  return all;
}

const refusal = async (asked: GateContext) => (await outcomes(asked)).at(-1);

describe('the gates', () => {
  test('are asked in their order, and all pass a harmless run', async () => {
    const all = await outcomes(context());
    expect(all.map(({ gate, passed }) => [gate, passed])).toEqual(
      [
        'environment allowed',
        'targets allowed',
        'window open',
        'no kill switch',
        'no manual toxics',
        'no other run',
        'reach within limits',
        'approvals',
      ].map((gate) => [gate, true]),
    );
  });

  test('end at the first that says no', async () => {
    const all = await outcomes(context({ toxics: ['redis'], otherRuns: async () => ['that'] }));
    expect(all.filter(({ passed }) => !passed).map(({ gate }) => gate)).toEqual(['no manual toxics']);
    expect(all).toHaveLength(5);
  });

  test.each<[string, string, () => GateContext, string]>([
    [
      'environment allowed',
      'another environment',
      () =>
        context({ limits: limits({ environment: { name: 'production', allowed: ['local', 'staging'] } }) }),
      'environment "production" is not one in which experiments may run (local, staging)',
    ],
    [
      'targets allowed',
      'a denied upstream',
      () =>
        context({
          plan: withUpstream('db.prod.example:5432'),
          limits: limits({ targets: { allow: ['*'], deny: ['*.prod.example'] } }),
        }),
      'proxy "redis": host "db.prod.example" is denied by "*.prod.example" in safety-limits.yaml',
    ],
    [
      'targets allowed',
      'a public host that nobody allowed',
      () =>
        context({
          plan: { ...PLAN, load: { target: 'https://shop.example', connections: 1, rate: 1, requests: [] } },
        }),
      'load: host "shop.example" is public and not allowed under "targets" in safety-limits.yaml',
    ],
    [
      'targets allowed',
      'a denied host behind a variable',
      () =>
        context({
          plan: {
            ...PLAN,
            probes: [{ ...probeSpec('tasks'), kind: 'postgres', url: '${DATABASE_URL}', query: '' } as never],
          },
          limits: limits({ env: ['DATABASE_URL'], targets: { allow: [], deny: ['*.prod.example'] } }),
          environment: { DATABASE_URL: 'postgres://me:secret@db.prod.example/app' },
        }),
      'probe "tasks": host "db.prod.example" is denied by "*.prod.example" in safety-limits.yaml',
    ],
    [
      'targets allowed',
      'a variable that is not set, so that it cannot be told',
      () =>
        context({
          plan: { ...PLAN, probes: [{ ...probeSpec('tasks'), url: '${DATABASE_URL}' } as never] },
          limits: limits({ env: ['DATABASE_URL'] }),
        }),
      'probe "tasks": variable DATABASE_URL is not set',
    ],
    [
      'targets allowed',
      'a private name that leads to a public address',
      () => context({ plan: withUpstream('redis:6379'), resolve: async () => ['10.0.0.1', '8.8.8.8'] }),
      'proxy "redis": host "redis" leads to 8.8.8.8, which is public and not allowed under "targets" in safety-limits.yaml',
    ],
    [
      'targets allowed',
      'an allowed name that leads to a denied address',
      () =>
        context({
          plan: withUpstream('db.staging.example:5432'),
          limits: limits({ targets: { allow: ['*.staging.example'], deny: ['10.9.0.0/16'] } }),
          resolve: async () => ['10.9.0.1'],
        }),
      'proxy "redis": host "db.staging.example" leads to 10.9.0.1, which is denied by "10.9.0.0/16" in safety-limits.yaml',
    ],
    [
      'targets allowed',
      'a name that nobody knows',
      () =>
        context({
          plan: withUpstream('redis:6379'),
          resolve: () => Promise.reject(Object.assign(new Error(), { code: 'ENOTFOUND' })),
        }),
      'proxy "redis": host "redis" cannot be looked up (ENOTFOUND), so that it cannot be told where it leads',
    ],
    [
      'targets allowed',
      'a second host in the query of a Postgres address',
      () =>
        context({
          plan: {
            ...PLAN,
            probes: [
              {
                ...probeSpec('tasks'),
                kind: 'postgres',
                url: 'postgres://127.0.0.1/a?host=8.8.8.8',
                query: '',
              } as never,
            ],
          },
        }),
      'probe "tasks": host "8.8.8.8" is public and not allowed under "targets" in safety-limits.yaml',
    ],
    [
      'window open',
      'a window that closes before the run must be over',
      () =>
        context({
          limits: limits({ windows: [{ days: 'mon-fri', from: '09:00', to: '12:02', zone: 'UTC' }] }),
        }),
      'the run may last 2 min 30 s, and at 2026-01-05T12:02:00.000Z it is outside the windows for experiments: mon-fri 09:00-12:02 UTC',
    ],
    [
      'window open',
      'a freeze that begins before the run must be over',
      () =>
        context({
          clock: new FakeClock(Date.UTC(2026, 0, 5, 23, 59)),
          limits: limits({ freezes: [{ from: '2026-01-06', to: '2026-01-06', zone: 'UTC' }] }),
        }),
      'the run may last 2 min 30 s, and at 2026-01-06T00:00:00.000Z a freeze holds from 2026-01-06 to 2026-01-06 (UTC)',
    ],
    [
      'approvals',
      'one person under two spellings',
      () =>
        context({
          limits: limits({ approvals: { above: { toxicity: 0.5 }, by: 2 } }),
          approvals: ['Ana Lima', ' ana  lima ', ''],
        }),
      '2 must approve, and 1 did: a toxicity of 100%, where a toxicity of 50% is the most',
    ],
    [
      'window open',
      'a freeze',
      () => context({ limits: limits({ freezes: [{ from: '2026-01-01', to: '2026-01-06', zone: 'UTC' }] }) }),
      'a freeze holds from 2026-01-01 to 2026-01-06 (UTC)',
    ],
    [
      'no kill switch',
      'a data plane that is halted',
      () => context({ state: { halted: { reason: 'incident', since: '2026-01-05T11:00:00Z' } } }),
      'the data plane is halted since 2026-01-05T11:00:00Z: incident',
    ],
    [
      'no manual toxics',
      'toxics set by hand',
      () => context({ toxics: ['redis', 'openai'] }),
      'toxics set by hand are on "redis", "openai": remove them first',
    ],
    [
      'no other run',
      'a live lease of another run',
      () => context({ state: { run: 'that', expiresIn: 4000 } }),
      'run "that" holds a live lease on the data plane',
    ],
    [
      'no other run',
      'as many runs as may be',
      () => context({ otherRuns: async () => ['that'] }),
      'run "that" is under way, and 1 at a time is the most',
    ],
    [
      'reach within limits',
      'a reach beyond the limits',
      () =>
        context({
          plan: { ...PLAN, reach: { ...PLAN.reach, toxicity: 0.8, durationMs: 7_200_000 } },
          limits: limits({ reach: { ...DEFAULT_LIMITS.reach, toxicity: 0.5 } }),
        }),
      'the experiment goes beyond safety-limits.yaml: a toxicity of 80%, where a toxicity of 50% is the most; a duration of 120 min, where a duration of 30 min is the most',
    ],
    [
      'approvals',
      'too few approvals',
      () =>
        context({
          limits: limits({ approvals: { above: { toxicity: 0.5 }, by: 2 } }),
          approvals: ['ana', 'ana'],
        }),
      '2 must approve, and 1 did: a toxicity of 100%, where a toxicity of 50% is the most',
    ],
  ])('"%s" refuses %s', async (gate, _, asked, reason) => {
    expect(await refusal(asked())).toEqual({ gate, passed: false, reason });
  });

  test('"no kill switch" refuses a stop file', async () => {
    const stopFile = join(folder, 'STOP');
    expect(await refusal(context({ stopFile }))).toEqual({
      gate: 'no kill switch',
      passed: false,
      reason: `the stop file ${stopFile} is there`,
    });
  });

  test.each<[string, Partial<GateContext>]>([
    [
      'no kill switch',
      { driver: { state: () => Promise.reject(new Error('gone')), manualToxics: async () => [] } },
    ],
    [
      'no manual toxics',
      { driver: { state: async () => EMPTY, manualToxics: () => Promise.reject(new Error('gone')) } },
    ],
    ['no other run', { otherRuns: () => Promise.reject(new Error('gone')) }],
  ])('"%s" says no when it cannot tell', async (gate, given) => {
    expect(await refusal(context(given))).toEqual({ gate, passed: false, reason: 'it cannot be told: gone' });
  });

  test('record who approved, also where nobody had to', async () => {
    const all = await outcomes(context({ approvals: ['Ana', 'ana', 'Ben'] }));
    expect(all.at(-1)).toEqual({ gate: 'approvals', passed: true, detail: 'approved by Ana, Ben' });
  });

  test('pass other runs and approvals where the limits have room for them', async () => {
    const roomy = limits({
      reach: { ...DEFAULT_LIMITS.reach, runs: 2 },
      approvals: { above: { toxicity: 0.5 }, by: 2 },
    });
    const all = await outcomes(
      context({ limits: roomy, otherRuns: async () => ['that', 'this'], approvals: ['ana', 'ben'] }),
    );
    expect(all).toHaveLength(GATES.length);
    expect(all.every(({ passed }) => passed)).toBe(true);
  });
});
