import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { maskDocument } from '../../src/core/document/mask.ts';
import { openDocument } from '../../src/core/document.ts';
import { FaultlineErrors } from '../../src/core/errors.ts';
import { planExperiment } from '../../src/experiments/plan/index.ts';
import { experimentSchema } from '../../src/experiments/schema.ts';
import { toDeclarations } from '../../src/proxy/config.ts';
import { parseLimits } from '../../src/safety/limits/index.ts';

const EXPERIMENT = `name: slow-redis
hypothesis: Pages stay fast.
tags: [a, b]
seed: 42
proxies:
  redis: { protocol: redis, listen: "127.0.0.1:16379", upstream: "127.0.0.1:6379" }
  web: &web { protocol: http, listen: "127.0.0.1:13000", upstream: "http://127.0.0.1:3000" }
load: { target: "http://127.0.0.1:3000", connections: 20, rate: 50, paths: ["/?q=1"] }
steadyState:
  baseline: 30s
  probes:
    - name: page
      http: { url: "http://u:p@127.0.0.1:3000/", headers: { authorization: "Bearer x" } }
      every: 250ms
      expect: { status: 200, errorRate: "< 1%", p95: ["< 300ms"], vsBaseline: "p95 < 2x" }
    - { name: lost, redis: { url: "\${REDIS_URL}", command: [LLEN, lost] }, expect: { value: "== 0" } }
abortWhen:
  - { probe: page, errorRate: "> 20%", for: 5s }
steps:
  - name: slow
    duration: 5s
    gate: 1s
    faults:
      - { proxy: redis, type: latency, toxicity: { from: 10%, to: 60% }, match: { every: 2 }, attributes: { latency: { from: 1s, to: 4s } } }
      - { id: e, proxy: web, type: http_error, attributes: { status: 503, headers: { a: b }, body: "x" } }
    expect: { injected: ">= 20" }
recovery: { within: 60s }
`;

const LIMITS = `environment: { name: local, allowed: [local] }
targets: { allow: ["*.example"], deny: ["*.prod.example"] }
env: [REDIS_URL]
reach: { toxicity: 100%, proxies: 3, addedLatency: 10s }
abortWhen: [{ probe: "*", errorRate: "> 50%", for: 5s }]
monitor: { lease: 10s, falseAbort: 0.1%, onMissing: abort, onMonitorLoss: rollback }
windows: [{ days: mon-fri, from: "09:00", to: "17:00", zone: Europe/Rome }]
freezes: [{ from: 2026-12-20, to: 2027-01-06, zone: Europe/Rome }]
approvals: { above: { toxicity: 50% }, by: 1 }
spend: { retryAmplification: 3 }
stopFile: .faultline/STOP
`;

const limits = parseLimits(LIMITS, 'limits.yaml');

function plan(text: string): void {
  const document = openDocument({ text, file: 'e.yaml', schema: experimentSchema });
  planExperiment({
    document,
    source: { file: 'e.yaml', hash: '', text: maskDocument(text) },
    proxies: toDeclarations(document.value.proxies ?? {}, '/'),
    placeOfUpstream: (name) => document.placeOf(['proxies', name, 'upstream']),
    control: '127.0.0.1:8474',
    limits,
  });
}

/** Pieces that YAML, units and schemas trip over. */
const SCRAPS = [
  ...[
    '',
    ' ',
    '\n',
    '\t',
    ':',
    ': ',
    '- ',
    '? ',
    '[',
    ']',
    '{',
    '}',
    ',',
    '#',
    '&a ',
    '*a',
    '*web',
    '!!set ',
    '!!binary ',
    '!x ',
    '|',
    '>',
    '"',
    "'",
    '%',
    '@',
    '`',
  ],
  ...[
    '<<: *web',
    '---',
    '...',
    '~',
    'null',
    'true',
    '.nan',
    '.inf',
    '-1',
    '1e400',
    '0x10',
    '9007199254740993',
    '0.5',
    '1e-9',
  ],
  ...[
    '__proto__',
    'constructor',
    'toString',
    '${REDIS_URL}',
    '${X',
    '$',
    '100%',
    '200%',
    '5s',
    '5x',
    '> 1',
    '< 3x',
    '\u0000',
    '\ud800',
    'é',
    '💥',
  ],
  ...['{ from: 1, to: 2 }', '{ from: 1 }', '[1, 2]', 'latency', 'kill', 'redis', 'http://[', 'a'.repeat(300)],
];

const mutation = fc.record({
  at: fc.nat(EXPERIMENT.length),
  drop: fc.oneof(fc.constant(0), fc.integer({ min: 0, max: 40 })),
  add: fc.oneof(fc.constantFrom(...SCRAPS), fc.string({ maxLength: 6 })),
});

function mutate(text: string, changes: readonly { at: number; drop: number; add: string }[]): string {
  return changes.reduce((result, { at, drop, add }) => {
    const start = at % (result.length + 1);
    return result.slice(0, start) + add + result.slice(start + drop);
  }, text);
}

describe('whatever is written in a file', () => {
  test.each<[string, string, (text: string) => unknown]>([
    ['an experiment', EXPERIMENT, plan],
    ['safety limits', LIMITS, (text) => parseLimits(text, 'limits.yaml')],
  ])('of %s, it is read or refused with a place and a sentence', (_, text, read) => {
    expect(() => read(text)).not.toThrow();
    const outcomes = { read: 0, refused: 0 };
    fc.assert(
      fc.property(fc.array(mutation, { minLength: 1, maxLength: 3 }), (changes) => {
        try {
          read(mutate(text, changes));
          outcomes.read += 1;
        } catch (error) {
          if (!(error instanceof FaultlineErrors)) throw error;
          outcomes.refused += 1;
          expect(error.errors.length).toBeGreaterThan(0);
          for (const one of error.errors) {
            expect(String(one)).toMatch(/^(e|limits)\.yaml:[1-9]\d*:[1-9]\d*: \S.*[.?]$/su);
            expect(String(one)).not.toMatch(/undefined|\[object|NaN|Infinity ms/);
          }
        }
      }),
      { numRuns: 700, seed: 7 },
    );
    expect(Math.min(outcomes.read, outcomes.refused)).toBeGreaterThan(20);
  });

  test('is masked without an error, and twice is as good as once', () => {
    fc.assert(
      fc.property(fc.array(mutation, { maxLength: 3 }), (changes) => {
        const masked = maskDocument(mutate(EXPERIMENT, changes));
        expect(maskDocument(masked)).toBe(masked);
      }),
      { numRuns: 200, seed: 7 },
    );
  });
});
