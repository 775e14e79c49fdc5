import { describe, expect, test } from 'vitest';
import { openDocument } from '../../src/core/document.ts';
import { type PlanInput, planExperiment } from '../../src/experiments/plan/index.ts';
import { joinSentences } from '../../src/experiments/plan/sentences.ts';
import { experimentSchema } from '../../src/experiments/schema.ts';
import { toDeclarations } from '../../src/proxy/config.ts';
import { DEFAULT_LIMITS } from '../../src/safety/limits/defaults.ts';
import { parseLimits } from '../../src/safety/limits/index.ts';
import { experiment } from '../support/experiment-files.ts';

const RAMPED = `steps:
  - name: slower
    duration: 10s
    faults:
      - proxy: redis
        type: latency
        toxicity: { from: 10%, to: 40% }
        attributes: { latency: { from: 1s, to: 2s }, jitter: 50ms }
      - { id: more, proxy: redis, type: latency, toxicity: 50%, attributes: { latency: 3s } }
      - { proxy: db, type: latency, match: { first: 3 }, attributes: { latency: 4s } }
  - name: nothing
    gate: 5s
    duration: 20s
    expect: { injected: unproven }
  - name: shut
    duration: 5s
    faults: [{ proxy: web, type: blackhole, toxicity: 5% }]
    expect: { injected: ">= 20" }`;

function input(text: string, limits = DEFAULT_LIMITS): PlanInput {
  const document = openDocument({ text, file: 'e.yaml', schema: experimentSchema });
  return {
    document,
    source: { file: 'e.yaml', hash: '00', text },
    proxies: toDeclarations(document.value.proxies ?? {}, '/nowhere'),
    placeOfUpstream: () => ({ file: 'e.yaml', line: 1, column: 1 }),
    control: '127.0.0.1:8474',
    limits,
  };
}

describe('a plan', () => {
  const plan = planExperiment(input(experiment({ steps: RAMPED })));

  test('is the same for the same input, which it leaves as it was', () => {
    const given = freeze(input(experiment({ steps: RAMPED })));
    expect(planExperiment(given)).toEqual(planExperiment(given));
    expect(planExperiment(given)).toEqual(plan);
  });

  test('refuses values that the protocol of a proxy cannot carry out', () => {
    const on = (proxy: string) =>
      planExperiment(
        input(
          experiment({
            steps: `steps:
  - name: full
    duration: 5s
    faults: [{ proxy: ${proxy}, type: connection_limit, attributes: { max: 1, reject: error } }]`,
          }),
        ),
      );
    expect(() => on('web')).toThrow(/"error".*write refuse, rst or wait/s);
    expect(on('redis').steps[0]!.faults[0]!.sentence).toContain("the server's error of being full");
  });

  test('refuses faults that could not spare what the limits exempt', () => {
    const on = (exempt: string, fault: string) => () =>
      planExperiment(
        input(
          experiment({ steps: `steps:\n  - { name: a, duration: 5s, faults: [${fault}] }` }),
          parseLimits(`exempt: ${exempt}\nreach: { addedLatency: 1h }`, 'limits.yaml'),
        ),
      );
    const header = '{ headers: { x-pass: "*" } }';
    expect(on(header, '{ proxy: web, type: latency }')).toThrow(
      /^e\.yaml:\d+:\d+: Fault "latency" acts on connections of proxy "web", before it can see the header/,
    );
    expect(on(header, '{ proxy: web, type: http_latency, attributes: { latency: 1s } }')).not.toThrow();
    expect(on(header, '{ proxy: redis, type: latency }')).not.toThrow();
    expect(on('{ clients: [10.0.0.0/8] }', '{ proxy: web, type: latency }')).not.toThrow();
  });

  test('names each fault by step and place, or as the file does', () => {
    expect(plan.steps.map(({ faults }) => faults.map(({ id }) => id))).toEqual([
      ['1.1', 'more', '1.3'],
      [],
      ['3.1'],
    ]);
  });

  test('reads units, ramps and defaults', () => {
    expect(plan.steps[0]!.faults[0]).toEqual({
      id: '1.1',
      proxy: 'redis',
      type: 'latency',
      stream: 'downstream',
      toxicity: { from: 0.1, to: 0.4 },
      match: {},
      attributes: { latency: { from: 1000, to: 2000 }, jitter: 50 },
      sentence: 'delay each chunk by 1 → 2 s ± 50 ms',
    });
    expect(plan.steps[0]!.faults[1]).toMatchObject({
      toxicity: { from: 0.5, to: 0.5 },
      attributes: { latency: 3000, jitter: 0 },
    });
  });

  test('says what proves a step', () => {
    expect(plan.steps.map(({ injected }) => injected)).toEqual([
      { operator: '>=', bound: 1 },
      'unproven',
      { operator: '>=', bound: 20 },
    ]);
  });

  test('reaches as far as its worst moment: delays on a proxy add up, gates count three times, a hold lasts its step', () => {
    expect(plan.reach).toEqual({
      toxicity: 1,
      proxies: 2,
      addedLatencyMs: 2000 + 50 + 3000,
      durationMs: 10_000 + 20_000 + 3 * 5000 + 5000,
      connections: 0,
      requestsPerSecond: 0,
      runs: 1,
    });
  });

  test('sends GETs to paths in equal shares', () => {
    const load = 'load: { target: "http://127.0.0.1:1", paths: ["/a", "/b"], rate: 5 }';
    expect(planExperiment(input(experiment({ load }))).load).toEqual({
      target: 'http://127.0.0.1:1',
      connections: 10,
      rate: 5,
      requests: [
        { method: 'GET', path: '/a', headers: {}, weight: 1 },
        { method: 'GET', path: '/b', headers: {}, weight: 1 },
      ],
    });
  });

  test('gives a probe its defaults', () => {
    expect(plan.probes).toEqual([
      {
        name: 'page',
        kind: 'http',
        url: 'http://127.0.0.1:3000/',
        method: 'GET',
        headers: {},
        everyMs: 1000,
        timeoutMs: 2000,
        windowMs: 10_000,
        expect: [],
      },
    ]);
  });
});

describe('the rules on which a run is aborted', () => {
  const limits = parseLimits('abortWhen: [{ probe: "*", p95: "> 2s", for: 5s }]', 'limits.yaml');
  const rulesOf = (abortWhen: string) =>
    planExperiment(input(experiment({ abortWhen: `abortWhen: ${abortWhen}` }), limits)).abortWhen;

  test('are the limits and, on top, the experiment', () => {
    expect(rulesOf('[{ probe: page, errorRate: "> 20%" }]')).toMatchObject([
      { probe: '*', text: 'p95 > 2s for 5 s', source: 'safety-limits' },
      { probe: 'page', text: 'errorRate > 20%', source: 'experiment' },
    ]);
  });

  test.each([
    ['a nearer bound', '[{ p95: "> 1s", for: 5s }]'],
    ['a nearer bound that must hold longer', '[{ p95: "> 1s", for: 30s }]'],
    ['a farther bound that counts sooner', '[{ p95: "> 5s", for: 1s }]'],
    ['the same again', '[{ p95: "> 2s", for: 5s }]'],
    ['another direction', '[{ p95: "< 1ms", for: 10s }]'],
    ['another measure', '[{ p99: "> 20s", for: 10s }]'],
    ['a comparison with the baseline', '[{ vsBaseline: "p95 > 20x", for: 10s }]'],
  ])('may have %s', (_, abortWhen) => {
    expect(rulesOf(abortWhen)).toHaveLength(2);
  });

  test.each([
    ['a farther bound', '[{ p95: "> 3s", for: 5s }]'],
    ['a longer time', '[{ p95: "> 2s", for: 6s }]'],
    ['both', '[{ probe: page, p95: "> 3s", for: 6s }]'],
  ])('may not have %s, which never counts', (_, abortWhen) => {
    expect(() => rulesOf(abortWhen)).toThrow(
      /e\.yaml:11:13: "p95 > .*" is looser than "p95 > 2s for 5 s", which holds by limits\.yaml/,
    );
  });

  test('are as tight for values that may not fall', () => {
    const floor = parseLimits('abortWhen: [{ probe: a, value: "< 5", for: 5s }]', 'limits.yaml');
    const file = (rule: string) =>
      experiment({
        steadyState: 'steadyState:\n  probes:\n    - { name: a, redis: { url: "redis://h" } }',
        abortWhen: `abortWhen: [${rule}]`,
      });
    expect(planExperiment(input(file('{ probe: a, value: "< 7" , for: 5s}'), floor)).abortWhen).toHaveLength(
      2,
    );
    expect(() => planExperiment(input(file('{ probe: a, value: "< 3", for: 5s }'), floor))).toThrow(/looser/);
  });
});

describe('the sentence of a fault that changes', () => {
  test.each([
    ['wait 5 ms', 'wait 5 ms', 'wait 5 ms'],
    ['wait 5 ms', 'wait 2 s', 'wait 5 ms → 2 s'],
    ['wait 5 ms ± 1 ms', 'wait 9 ms ± 1 ms', 'wait 5 → 9 ms ± 1 ms'],
    ['wait 5 ms', 'wait 5 ms ± 1 ms', 'wait 5 ms, in the end wait 5 ms ± 1 ms'],
    ['close all', 'wait 5 ms', 'close all, in the end wait 5 ms'],
  ])('from "%s" to "%s" is "%s"', (start, end, sentence) => {
    expect(joinSentences(start, end)).toBe(sentence);
  });
});

/** Any write to what was given then throws. */
function freeze<T>(value: T): T {
  if (typeof value === 'object' && value !== null && !Object.isFrozen(value)) {
    Object.freeze(value);
    for (const inner of Object.values(value)) freeze(inner);
  }
  return value;
}

describe('what an experiment says of degradation', () => {
  const steady = (more: string) =>
    experiment({
      steadyState: `steadyState:\n  probes: [{ name: page, http: { url: "http://127.0.0.1/" }${more} }]`,
    });
  const withTolerance = (tolerance: string) =>
    experiment({
      steadyState: `steadyState:\n  tolerate: ${tolerance}\n  probes: [{ name: page, http: { url: "http://127.0.0.1/" } }]`,
    });

  test('is tolerated as the limits have it, unless it is stricter', () => {
    expect(planExperiment(input(withTolerance('{ latency: 1.1x }'))).tolerate).toEqual({
      errorRate: 1.25,
      latency: 1.1,
    });
    expect(planExperiment(input(steady(''))).tolerate).toBeUndefined();
  });

  test('is refused where it tolerates more, or where nothing is judged', () => {
    expect(() => planExperiment(input(withTolerance('{ errorRate: 3x }')))).toThrow(
      'steadyState.tolerate.errorRate tolerates 3x, more than the 1.25x of the built-in limits',
    );
    const off = parseLimits('monitor: { falseAbort: off }', 'l.yaml');
    expect(() => planExperiment(input(withTolerance('{ latency: 1.1x }'), off))).toThrow(
      'means nothing while l.yaml has "falseAbort: off"',
    );
  });

  test('may be an objective of a probe, with windows for the run', () => {
    const { abortWhen, reach } = planExperiment(input(steady(', slo: 99.9%')));
    const rule = abortWhen.at(-1)!;
    expect(rule).toMatchObject({ probe: 'page', slo: expect.closeTo(0.999), source: 'experiment' });
    expect(rule.burn![1]!.longMs).toBeCloseTo(Math.max(60_000, reach.durationMs / 2));
  });

  test('may not be an objective with fewer nines than a limit on the probe', () => {
    const limits = parseLimits('abortWhen: [{ slo: 99.9% }]', 'l.yaml');
    expect(() => planExperiment(input(steady(', slo: 99%'), limits))).toThrow(
      '"slo 99%" is looser than "slo 99.9%"',
    );
  });
});

test('exempts refuse a driver that cannot spare anybody, by its name', () => {
  const text = `drivers: { lab: { driver: toxiproxy, control: "127.0.0.1:1" } }
${experiment({ steps: 'steps:\n  - { name: a, duration: 5s, expect: { injected: unproven }, faults: [{ driver: lab, proxy: x, type: latency }] }' })}`;
  const limits = parseLimits('exempt: { clients: [10.0.0.0/8] }', 'limits.yaml');
  expect(() => planExperiment(input(text))).not.toThrow();
  expect(() => planExperiment(input(text, limits))).toThrow(
    /Driver "lab" \(toxiproxy\) cannot apply "latency": it cannot leave alone the traffic that the safety limits exempt\./,
  );
});
