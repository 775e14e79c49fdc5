import { createHash } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import type { FaultlineErrors } from '../../src/core/errors.ts';
import { loadPlan } from '../../src/experiments/load.ts';
import { complaintsOf, experiment, planOf, withFiles } from '../support/experiment-files.ts';

const step = (faults: string, head = 'steps:\n  - name: slow\n    duration: 5s') => ({
  steps: `${head}\n    faults: [${faults}]`,
});
const probe = (text: string) => ({ steadyState: `steadyState:\n  probes:\n    - ${text}` });

describe('an experiment that cannot be run is refused with the place and the remedy', () => {
  test.each<[string, Parameters<typeof experiment>[0], string]>([
    [
      'an unknown key',
      { name: 'name: a\nhypotesis: b' },
      '2:1: Unknown key "hypotesis" in the file. Did you mean "hypothesis"?',
    ],
    ['a missing key', { hypothesis: '' }, '1:1: The file needs "hypothesis".'],
    [
      'a name with spaces',
      { name: 'name: slow redis' },
      '1:7: "slow redis" is not valid for name: expected small letters, digits and -.',
    ],
    [
      'a duration in an unknown unit',
      { steps: 'steps:\n  - { name: a, duration: 5 minutes }' },
      '13:26: steps[0].duration: "5 minutes" is not a duration: write it as 250ms, 4s, 2m or 1h, or as a bare number.',
    ],
    [
      'a fault that nobody knows',
      step('{ proxy: redis, type: latncy }'),
      '15:36: There is no fault of type "latncy". Did you mean "latency"?',
    ],
    [
      'a proxy that nobody declared',
      step('{ proxy: reddis, type: latency }'),
      '15:23: Proxy "reddis" is not declared. Did you mean "redis"?',
    ],
    [
      'a fault that the protocol cannot have',
      step('{ proxy: redis, type: http_latency }'),
      '15:36: Fault "http_latency" cannot act on proxy "redis", which speaks redis; it acts on http, openai, anthropic, gemini.',
    ],
    [
      'an attribute that the fault does not have',
      step('{ proxy: redis, type: latency, attributes: { latncy: 3s } }'),
      '15:59: Unknown key "latncy" in steps[0].faults[0].attributes. Did you mean "latency"?',
    ],
    [
      'an attribute in the wrong unit',
      step('{ proxy: redis, type: latency, attributes: { latency: 3KB } }'),
      '15:68: steps[0].faults[0].attributes.latency: "3KB" is not a duration: write it as 250ms, 4s, 2m or 1h, or as a bare number.',
    ],
    [
      'an end of a ramp in the wrong unit',
      step('{ proxy: redis, type: latency, attributes: { latency: { from: 1s, to: 3KB } } }'),
      '15:84: steps[0].faults[0].attributes.latency.to: "3KB" is not a duration: write it as 250ms, 4s, 2m or 1h, or as a bare number.',
    ],
    [
      'a ramp without an end',
      step('{ proxy: redis, type: latency, toxicity: { from: 10% } }'),
      '15:55: steps[0].faults[0].toxicity needs "to".',
    ],
    [
      'a toxicity above all',
      step('{ proxy: redis, type: latency, toxicity: 110% }'),
      '15:55: steps[0].faults[0].toxicity: "110%" is not a share: write it as 25% or as a number from 0 to 1.',
    ],
    [
      'a stream in no direction',
      step('{ proxy: redis, type: latency, stream: up }'),
      '15:53: "up" is not valid for steps[0].faults[0].stream: expected one of downstream, upstream.',
    ],
    [
      'a match on something that the fault cannot see',
      step('{ proxy: redis, type: latency, match: { path: "/x" } }'),
      '15:54: Fault "latency" cannot match on "path": it sees client, first, after, every.',
    ],
    [
      'an unknown key of match',
      step('{ proxy: redis, type: latency, match: { evry: 2 } }'),
      '15:54: Unknown key "evry" in steps[0].faults[0].match. Did you mean "every"?',
    ],
    [
      'a client that is no address',
      step('{ proxy: redis, type: latency, match: { client: 10.0.0.0/40 } }'),
      '15:62: "10.0.0.0/40" is not valid for steps[0].faults[0].match.client: write an address or a network such as 10.0.0.0/8.',
    ],
    [
      'two faults of one id',
      step('{ id: a, proxy: redis, type: latency }, { id: a, proxy: db, type: latency }'),
      '15:60: Another fault is named "a" already, on line 15.',
    ],
    [
      'a file without any proxy',
      { proxies: '' },
      '1:1: There are no proxies: declare them under "proxies:", or in a faultline.yaml beside this file or above it.',
    ],
    [
      'two probes of one name',
      probe('{ name: a, redis: { url: "redis://h" } }\n    - { name: a, redis: { url: "redis://h" } }'),
      '10:15: Another probe is named "a" already, on line 9.',
    ],
    [
      'a probe of two kinds',
      probe('{ name: a, redis: { url: "redis://h" }, command: { run: ["true"] } }'),
      '9:7: steadyState.probes[0]: probe "a" says 2 things to measure (redis, command): give one of http, postgres, redis, prometheus, command.',
    ],
    [
      'a probe of another scheme',
      probe('{ name: a, redis: { url: "http://h" } }'),
      '9:32: steadyState.probes[0].redis.url: not a URL that begins with redis:// or rediss://.',
    ],
    [
      'a measure that the probe does not have',
      probe('{ name: a, redis: { url: "redis://h" }, expect: { status: 200 } }'),
      '9:57: A probe of kind redis has no status; it has value, errorRate, p50, p95, p99, max.',
    ],
    [
      'an expectation without an operator',
      probe('{ name: a, redis: { url: "redis://h" }, expect: { p95: 300ms } }'),
      '9:62: steadyState.probes[0].expect.p95: "300ms" is not an expectation: write an operator (< <= > >= == !=) and a number, as in "< 300ms".',
    ],
    [
      'one bad expectation in a list',
      probe('{ name: a, redis: { url: "redis://h" }, expect: { p95: ["> 1ms", "< fast"] } }'),
      '9:72: steadyState.probes[0].expect.p95[1]: "< fast" is not an expectation: write an operator (< <= > >= == !=) and a number, as in "< 300ms".',
    ],
    [
      'a comparison with the baseline without a factor',
      probe('{ name: a, redis: { url: "redis://h" }, expect: { vsBaseline: "p95 < 2" } }'),
      '9:69: steadyState.probes[0].expect.vsBaseline: "p95 < 2" is not an expectation: write an operator (< <= > >= == !=) and a number, as in "p95 < 2x".',
    ],
    [
      'a baseline too short to tell a rate',
      {
        steadyState:
          'steadyState:\n  baseline: 10s\n  probes:\n    - { name: a, redis: { url: "redis://h" }, expect: { p95: "< 1s" } }',
      },
      '8:13: A baseline of 10 s gives probe "a" about 10 samples; rates and percentiles need 20.',
    ],
    [
      'a rule on a probe that nobody declared',
      { abortWhen: 'abortWhen: [{ probe: pages, errorRate: "> 10%" }]' },
      '11:22: Probe "pages" is not declared. Did you mean "page"?',
    ],
    [
      'a rule on two measures',
      { abortWhen: 'abortWhen: [{ errorRate: "> 10%", p95: "> 1s" }]' },
      '11:13: abortWhen[0]: names 2 measures (errorRate, p95): give one of errorRate, value, p50, p95, p99, max, vsBaseline or slo.',
    ],
    [
      'a load that could leave its target',
      { load: 'load: { target: "http://127.0.0.1:1", paths: ["//shop.example/"] }' },
      '7:47: "//shop.example/" is not valid for load.paths[0]: expected a path that begins with one /.',
    ],
    [
      'a rule looser than a limit',
      { abortWhen: 'abortWhen: [{ probe: page, errorRate: "> 60%", for: 5s }]' },
      '11:13: "errorRate > 60% for 5 s" is looser than "errorRate > 50% for 5 s", which holds by the built-in limits anyway: tighten it or leave it out.',
    ],
    [
      'a rule that waits longer than a limit',
      { abortWhen: 'abortWhen: [{ errorRate: "> 50%", for: 10s }]' },
      '11:13: "errorRate > 50% for 10 s" is looser than "errorRate > 50% for 5 s", which holds by the built-in limits anyway: tighten it or leave it out.',
    ],
    [
      'a variable where none is expanded',
      { hypothesis: 'hypothesis: "${USER} is happy"' },
      '2:13: "${USER}" would not be expanded in hypothesis: variables stand only in url, headers and env of probes and load.',
    ],
    [
      'a variable that is not listed',
      probe('{ name: a, redis: { url: "${REDIS_URL}" } }'),
      '9:32: Variable "REDIS_URL" may not be read from the environment: list it under "env:" in the built-in limits.',
    ],
    [
      'a probe of a public host',
      probe('{ name: a, http: { url: "https://shop.example/" } }'),
      '9:31: Host "shop.example" is public: name it under targets.allow in the built-in limits if experiments may touch it.',
    ],
    [
      'a load on a public host',
      { load: 'load: { target: "https://shop.example" }' },
      '7:17: Host "shop.example" is public: name it under targets.allow in the built-in limits if experiments may touch it.',
    ],
    [
      'an upstream on a public host',
      { proxies: 'proxies:\n  redis: { protocol: redis, listen: "127.0.0.1:0", upstream: "8.8.8.8:6379" }' },
      '4:62: Host "8.8.8.8" is public: name it under targets.allow in the built-in limits if experiments may touch it.',
    ],
    [
      'paths and requests at once',
      { load: 'load: { target: "http://127.0.0.1", paths: ["/"], requests: [{ path: "/" }] }' },
      '7:44: load.paths: give paths or requests, not both.',
    ],
    [
      'more connections than allowed',
      { load: 'load: { target: "http://127.0.0.1", connections: 101 }' },
      '7:50: load.connections brings the connections of the load to 101; 100 at most is allowed by the built-in limits.',
    ],
    [
      'a rate above the limit',
      { load: 'load: { target: "http://127.0.0.1", rate: 100.5 }' },
      '7:43: load.rate brings the requests per second of the load to 100.5; 100 at most is allowed by the built-in limits.',
    ],
    [
      'a profile that nobody knows',
      { load: 'load: { target: "http://127.0.0.1", profile: spikes }' },
      '7:46: There is no load profile "spikes". Did you mean "spike"?',
    ],
    [
      'a rate beside a profile',
      { load: 'load: { target: "http://127.0.0.1", profile: spike, rate: 5 }' },
      '7:59: load.rate: rate is for a steady load, and this one has stages.',
    ],
    [
      'stages without scenarios',
      { load: 'load: { target: "http://127.0.0.1", stages: [{ for: 5s, users: 3 }] }' },
      '7:7: load.scenarios: it needs a profile, or scenarios of its own.',
    ],
    [
      'thresholds of a steady load',
      { load: 'load: { target: "http://127.0.0.1", thresholds: [{ p95: "< 1s" }] }' },
      '7:49: load.thresholds: thresholds needs a profile, or stages and scenarios.',
    ],
    [
      'a threshold on what only metrics tell',
      {
        load: 'load: { target: "http://127.0.0.1", profile: spike, thresholds: [{ cacheHitRate: "> 70%" }] }',
      },
      '7:65: load.thresholds: no metrics tell an experiment of cacheHitRate: ask a probe for it.',
    ],
    [
      'a threshold on a stage that is not there',
      {
        load: 'load: { target: "http://127.0.0.1", profile: spike, thresholds: [{ stage: noon, p95: "< 1s" }] }',
      },
      '7:65: load.thresholds: there is no stage "noon".',
    ],
    [
      'a steady load on a Redis',
      { load: 'load: { target: "redis://127.0.0.1" }' },
      '7:17: load.target: a steady load goes to http:// or https://; a Redis needs a profile or scenarios.',
    ],
    [
      'more users than connections are allowed',
      { load: 'load: { target: "http://127.0.0.1", profile: deadline, users: 101 }' },
      '7:7: load.connections brings the connections of the load to 101; 100 at most is allowed by the built-in limits.',
    ],
    [
      'a public host in the load of a step',
      {
        steps:
          'steps:\n  - name: slow\n    duration: 20s\n    load: { target: "https://shop.example", profile: baseline }\n    faults:\n      - { proxy: redis, type: latency }',
      },
      '15:21: Host "shop.example" is public: name it under targets.allow in the built-in limits if experiments may touch it.',
    ],
    [
      'a ramp of an attribute past a limit',
      step(
        '{ proxy: redis, type: latency, attributes: { latency: { from: 1s, to: 12s } } }',
        'steps:\n  - name: slow\n    duration: 20s',
      ),
      '15:84: steps[0].faults[0].attributes.latency.to brings the added latency to 12 s; 10 s at most is allowed by the built-in limits.',
    ],
    [
      'a fault that holds longer than a delay may be',
      step('{ proxy: redis, type: blackhole }', 'steps:\n  - name: slow\n    duration: 20s'),
      '15:14: steps[0].faults[0] brings the added latency to 20 s; 10 s at most is allowed by the built-in limits.',
    ],
    [
      'steps and gates that take too long together',
      {
        steps: 'steps:\n  - { name: a, duration: 10m, gate: 4m }\n  - { name: b, duration: 9m }',
      },
      '13:26: steps[0].duration brings the duration of all steps to 31 min; 30 min at most is allowed by the built-in limits.',
    ],
    [
      'a count of injections that is none',
      { steps: 'steps:\n  - { name: a, duration: 5s, expect: { injected: many } }' },
      '13:50: steps[0].expect.injected: "many" is not an expectation: write an operator (< <= > >= == !=) and a number, as in ">= 20".',
    ],
  ])('%s', (_, parts, sentence) => {
    expect(complaintsOf({ 'experiment.yaml': experiment(parts) })).toEqual([`experiment.yaml:${sentence}`]);
  });

  test('a ramp of toxicity past a limit, at the end that passes it', () => {
    const files = {
      'experiment.yaml': experiment(
        step('{ proxy: redis, type: latency, toxicity: { from: 10%, to: 60% } }'),
      ),
      'safety-limits.yaml': 'reach: { toxicity: 50% }',
    };
    expect(complaintsOf(files)).toEqual([
      'experiment.yaml:15:72: steps[0].faults[0].toxicity.to brings the toxicity to 60%; 50% at most is allowed by safety-limits.yaml.',
    ]);
  });

  test('more proxies with faults at once than allowed', () => {
    const files = {
      'experiment.yaml': experiment(step('{ proxy: redis, type: latency }, { proxy: db, type: latency }')),
      'safety-limits.yaml': 'reach: { proxies: 1 }',
    };
    expect(complaintsOf(files)).toEqual([
      'experiment.yaml:15:13: steps[0].faults brings the proxies with faults at once to 2; 1 at most is allowed by safety-limits.yaml.',
    ]);
  });

  test('a limit on a probe that the experiment does not have', () => {
    const files = {
      'experiment.yaml': experiment(),
      'safety-limits.yaml': 'abortWhen: [{ probe: checkout, errorRate: "> 5%" }]',
    };
    expect(complaintsOf(files)).toEqual([
      'experiment.yaml:8:3: safety-limits.yaml aborts on probe "checkout" ("errorRate > 5%"), which this experiment does not measure: add the probe.',
    ]);
  });

  test('a denied host, also where it is private, and wherever it is declared', () => {
    const files = {
      'experiment.yaml': experiment({ proxies: '' }),
      'faultline.yaml':
        'proxies:\n  redis: { protocol: redis, listen: "127.0.0.1:0", upstream: "redis.prod.internal:6379" }',
      'safety-limits.yaml': 'targets: { allow: ["*"], deny: ["*.prod.*"] }',
    };
    expect(complaintsOf(files)).toEqual([
      'faultline.yaml:2:62: Host "redis.prod.internal" is denied by "*.prod.*" under targets in safety-limits.yaml.',
    ]);
  });

  test('all files together', () => {
    const files = {
      'experiment.yaml': experiment({ name: 'name: 3' }),
      'faultline.yaml': 'controll: x',
      'safety-limits.yaml': 'reach: { toxicity: lots }',
    };
    expect(complaintsOf(files)).toEqual([
      'safety-limits.yaml:1:20: reach.toxicity: "lots" is not a share: write it as 25% or as a number from 0 to 1.',
      'experiment.yaml:1:7: "3" is not valid for name: expected a text.',
      'faultline.yaml:1:1: Unknown key "controll" in the file. Did you mean "control"?',
    ]);
  });

  test('a file that is not there', () => {
    expect(complaintsOf({})).toEqual(['Cannot read experiment.yaml: there is no such file. Check the path.']);
  });
});

test('no sentence quotes a password, wherever a URL with one stands', () => {
  const url = '"http://ada:hunter2@h/?key=hunter2"';
  const places = [
    experiment({ name: `name: ${url}` }),
    experiment({ steps: `steps: ${url}` }),
    experiment({ steps: `steps:\n  - { name: a, duration: ${url} }` }),
    experiment(step(`{ proxy: ${url}, type: latency }`)),
    experiment(step(`{ proxy: redis, type: ${url} }`)),
    experiment(step(`{ proxy: redis, type: latency, match: { client: ${url} } }`)),
    experiment({ abortWhen: `abortWhen: [{ probe: ${url}, errorRate: "> 1%" }]` }),
    experiment({ proxies: `proxies: { a: { listen: ${url}, upstream: ${url} } }` }),
    experiment(probe(`{ name: a, postgres: { url: ${url} } }`)),
    experiment(probe(`{ name: a, http: { url: "http://h", method: ${url} } }`)),
    experiment(probe('{ name: a, http: { url: "http://h", headers: { x-key: [hunter2] } } }')),
    experiment(probe('{ name: a, command: { run: ["true"], env: { KEY: { a: hunter2 } } } }')),
    experiment({ load: `load: { target: ${url}, rate: ${url} }` }),
  ];
  for (const text of places) {
    const told = complaintsOf({ 'experiment.yaml': text });
    expect(told, text).not.toHaveLength(0);
    expect(told.join('\n')).not.toContain('hunter2');
  }
});

describe('a valid experiment', () => {
  const text = experiment();

  test('is planned with the hash of its bytes', () => {
    const { source } = planOf({ 'experiment.yaml': text });
    expect(source).toEqual({
      file: 'experiment.yaml',
      hash: createHash('sha256').update(text).digest('hex'),
      text,
    });
  });

  test('finds its proxies, control address and limits in folders above it', () => {
    const files = {
      'deep/er/experiment.yaml': experiment({ proxies: '' }),
      'deep/faultline.yaml':
        'control: "127.0.0.1:9999"\nproxies:\n  redis: { protocol: redis, listen: "127.0.0.1:0", upstream: "db:1" }',
      'safety-limits.yaml': 'environment: { name: attic }',
    };
    const { plan, limits } = withFiles(files, (cwd) => loadPlan({ file: 'deep/er/experiment.yaml', cwd }));
    expect(plan.control).toBe('127.0.0.1:9999');
    expect(plan.proxies).toEqual([
      { name: 'redis', protocol: 'redis', listen: '127.0.0.1:0', upstream: 'db:1' },
    ]);
    expect(limits).toMatchObject({ file: 'safety-limits.yaml', environment: { name: 'attic' } });
  });

  test('prefers its own proxies and the limits that are named', () => {
    const files = {
      'experiment.yaml': text,
      'faultline.yaml': 'proxies:\n  other: { listen: "127.0.0.1:0", upstream: "db:1" }',
      'safety-limits.yaml': 'environment: { name: attic }',
      'cellar.yaml': 'environment: { name: cellar }',
    };
    const load = (cwd: string) => loadPlan({ file: 'experiment.yaml', limits: 'cellar.yaml', cwd });
    const { plan, limits } = withFiles(files, load);
    expect(plan.proxies.map(({ name }) => name)).toEqual(['redis', 'db', 'web']);
    expect(limits.environment.name).toBe('cellar');
  });

  test('may hold a listed variable in url, headers and env, and it stays unexpanded', () => {
    const files = {
      'experiment.yaml': experiment({
        load: 'load: { target: "http://127.0.0.1", requests: [{ path: "/", headers: { x-a: "${A}" } }] }',
        steadyState:
          'steadyState:\n  probes:\n    - { name: a, http: { url: "http://${A}/", headers: { x-b: "${A}" } } }\n    - { name: b, command: { run: ["true"], env: { C: "${A}" } } }',
      }),
      'safety-limits.yaml': 'env: [A]',
    };
    const { probes, load } = planOf(files);
    expect(probes).toMatchObject([
      { url: 'http://${A}/', headers: { 'x-b': '${A}' } },
      { env: { C: '${A}' } },
    ]);
    expect(load?.requests[0]?.headers).toEqual({ 'x-a': '${A}' });
  });

  test('says the exit code of bad input', () => {
    expect.assertions(1);
    try {
      planOf({ 'experiment.yaml': 'name: 1' });
    } catch (error) {
      expect((error as FaultlineErrors).exitCode).toBe(2);
    }
  });
});

describe('drivers that all experiments share', () => {
  const fault = '{ driver: db, type: pg_terminate }';
  const shared = (drivers: string) => `drivers:\n  ${drivers}\n`;
  const db = 'db: { driver: postgres-admin, url: "postgres://127.0.0.1:5432/app" }';
  const own = (driver: string) => experiment({ ...step(fault), recovery: `drivers:\n  ${driver}` });

  test('are used where a fault names them, and asked nothing where none does', () => {
    const drivers = shared(
      `${db}\n  lab: { driver: toxiproxy, control: "127.0.0.1:8475" }\n  secret: { driver: redis-admin, url: "redis://\${HOST}" }`,
    );
    const plan = planOf({ 'experiment.yaml': experiment(step(fault)), 'faultline.yaml': drivers });
    expect(plan.drivers).toEqual([
      { name: 'db', driver: 'postgres-admin', url: 'postgres://127.0.0.1:5432/app' },
    ]);
  });

  test('stand beside those of the experiment, and may be repeated there', () => {
    const files = {
      'experiment.yaml': own(`${db}\n  more: { driver: redis-admin, url: "redis://h" }`),
      'faultline.yaml': shared(db),
    };
    expect(planOf(files).drivers?.map(({ name }) => name)).toEqual(['db', 'more']);
  });

  test('may not be declared otherwise in an experiment: both places are told', () => {
    const files = {
      'experiment.yaml': own('db: { driver: postgres-admin, url: "postgres://127.0.0.1:5433/app" }'),
      'faultline.yaml': shared(db),
    };
    expect(complaintsOf(files)).toEqual(
      [
        '17:3: Driver "db" is declared otherwise in faultline.yaml:2:3: take one of the two out, or make them equal.',
      ].map((line) => `experiment.yaml:${line}`),
    );
  });

  test('are held against the limits, with their own place', () => {
    const files = {
      'experiment.yaml': experiment(step(`${fault}, { driver: cache, type: redis_client_pause }`)),
      'faultline.yaml': shared(
        'db: { driver: postgres-admin, url: "${URL}" }\n  cache: { driver: redis-admin, url: "redis://a.prod.example" }',
      ),
      'safety-limits.yaml': 'targets: { deny: ["*.prod.example"] }',
    };
    expect(complaintsOf(files)).toEqual([
      expect.stringMatching(/^faultline\.yaml:2:38: Variable "URL" may not be read/),
      expect.stringMatching(/^faultline\.yaml:3:38: Host "a.prod.example" is denied/),
    ]);
  });

  test('are suggested for a name that is nearly right', () => {
    const files = {
      'experiment.yaml': experiment(step('{ driver: bd, type: pg_terminate }')),
      'faultline.yaml': shared(db),
    };
    expect(complaintsOf(files)).toEqual([
      expect.stringContaining('Driver "bd" is not declared. Did you mean "db"?'),
    ]);
  });
});
