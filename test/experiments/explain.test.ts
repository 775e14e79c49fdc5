import { describe, expect, test } from 'vitest';
import { wrap } from '../../src/experiments/explain/layout.ts';
import { explainPlan } from '../../src/experiments/explain.ts';
import { loadPlan } from '../../src/experiments/load.ts';
import { experiment, withFiles } from '../support/experiment-files.ts';

function dryRun(parts: Parameters<typeof experiment>[0], limits = 'env: [DATABASE_URL]'): string {
  const files = { 'experiment.yaml': experiment(parts), 'safety-limits.yaml': limits };
  return withFiles(files, (cwd) => {
    const loaded = loadPlan({ file: 'experiment.yaml', cwd });
    return explainPlan(loaded.plan, loaded.limits);
  });
}

const STEPS = `steps:
  - name: slower and slower
    duration: 1m
    faults:
      - proxy: redis
        type: latency
        toxicity: { from: 10%, to: 60% }
        match: { client: 10.0.0.0/8, after: 5, every: 3, first: 20 }
        attributes: { latency: { from: 100ms, to: 2s } }
  - name: gone
    gate: 10s
    duration: 5s
    faults: [{ proxy: db, type: kill, attributes: { fraction: 50% } }]
    expect: { injected: ">= 20" }
  - { name: quiet, duration: 2s }`;

describe('the dry run', () => {
  const text = dryRun({
    steps: STEPS,
    load: 'load: { target: "http://127.0.0.1:3000", rate: 50, paths: ["/?user=ada", "/b"] }',
    abortWhen: 'abortWhen: [{ probe: page, errorRate: "> 20%", for: 5s }]',
    steadyState:
      'steadyState:\n  probes:\n    - { name: page, http: { url: "http://ada:pw@127.0.0.1/?t=1", headers: { x-api-key: sesame } }, expect: { p95: "< 2s" } }\n    - { name: rows, postgres: { url: "${DATABASE_URL}", query: "select 1" } }',
  });
  const flat = text.replace(/\s+/g, ' ');

  test.each([
    [
      'each fault in a sentence, with its ramps',
      'redis: delay each chunk by 100 ms → 2 s, on 10% → 60% of connections',
    ],
    [
      'what a fault is narrowed to',
      'only where client is 10.0.0.0/8, after the first 5, one in 3, 20 at most. [1.1 latency, downstream]',
    ],
    ['how a gate waits', 'until all expectations have held for 10 s; after 30 s it is given up'],
    ['what proves a step', 'It proves something only if each fault acts at least 20 times.'],
    ['a step without faults', '3. quiet, for 2 s No faults.'],
    ['a rule with where it comes from', 'page errorRate > 20% for 5 s (experiment.yaml)'],
    ['a limit with where it comes from', 'any probe errorRate > 50% for 5 s (safety-limits.yaml)'],
    ['the lease', 'Faults are leased for 10 s'],
    [
      'what is measured',
      'rows "select 1" on ${DATABASE_URL}, every 1 s, given 2 s, over windows of 10 s: watched only',
    ],
    ['what cannot be undone', 'Fault 2.1 (kill on db) ends connections'],
    ['the reach beside its limits', 'added latency 2 s of 10 s'],
    ['the data plane, and whether it stays', 'started and stopped at the end (--keep-proxy leaves it)'],
    ['where each proxy listens', 'db postgres 127.0.0.1:15432 → 127.0.0.1:5432'],
    [
      'the load',
      '50 requests a second over 10 connections to http://127.0.0.1:3000: GET /?user=*** (50%), GET /b (50%).',
    ],
  ])('tells %s', (_, sentence) => {
    expect(flat).toContain(sentence);
  });

  test('fits a terminal of 100 columns', () => {
    expect(text.split('\n').filter((line) => line.length > 100)).toEqual([]);
  });

  test('holds no secret', () => {
    expect(text).not.toMatch(/ada|pw@|sesame|t=1/);
  });

  test('tells windows, freezes and approvals where there are any', () => {
    const limited = dryRun(
      {},
      'windows: [{ days: mon-fri, from: 09:00, to: 17:00, zone: Europe/Rome }]\nfreezes: [{ from: 2026-12-20, to: 2027-01-06 }]\napprovals: { above: { toxicity: 50% } }',
    );
    expect(limited).toContain('Only mon-fri 09:00-17:00 Europe/Rome.');
    expect(limited).toContain('Not on 2026-12-20 to 2027-01-06 UTC.');
    expect(limited).toContain('Needs 1 to approve: the toxicity above 50%.');
  });
});

test('a long text breaks at spaces, and a long word stays whole', () => {
  const lines = wrap(`${'word '.repeat(30)}${'x'.repeat(120)} end`, 2, 4).split('\n');
  expect(lines.map((line) => line.length > 100)).toEqual([false, false, true, false]);
  expect(lines[1]).toMatch(/^ {4}word/);
});

test('the dry run says whom no fault touches, and what retries may cost', () => {
  const limits = `env: [DATABASE_URL]
exempt: { clients: [10.0.0.0/8] }
spend: { retryAmplification: 2.5, extraRequests: 1 }`;
  const flat = dryRun({}, limits).replace(/\s+/g, ' ');
  expect(flat).toContain('Left alone by every fault: 10.0.0.0/8.');
  expect(flat).toContain(
    'Retries that send AI providers more than 2.5 requests for each that clients began, or more than 1 request on top.',
  );
});
