import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { loadPlan } from '../../src/experiments/load.ts';
import { proveRollback } from '../../src/experiments/proof/prove.ts';
import { writeReports } from '../../src/report/index.ts';
import { finished, startScript, TYPESCRIPT } from '../support/processes.ts';

let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'faultline-prove-'));
  writeFileSync(
    join(folder, 'safety-limits.yaml'),
    'environment: { name: local, allowed: [local] }\nmonitor: { lease: 1s }\n',
  );
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

function experiment(fault: string): string {
  const file = join(folder, 'experiment.yaml');
  writeFileSync(
    file,
    `name: proven
title: Proven
hypothesis: Nothing is left.
proxies:
  store: { protocol: redis, listen: "127.0.0.1:1", upstream: "127.0.0.1:2" }
steadyState:
  baseline: 30s
  probes: [{ name: home, http: { url: "http://127.0.0.1:3/" }, expect: { status: 200 } }]
steps:
  - name: slow
    duration: 1m
    faults: [${fault}]
`,
  );
  return file;
}

test('a proof of the rollback lets everything happen to the faults of an experiment, and finds nothing left', {
  timeout: 120_000,
}, async () => {
  const file = experiment('{ proxy: store, type: redis_latency, attributes: { latency: 5s } }');
  const { plan, limits } = loadPlan({ file, cwd: folder });
  const proof = await proveRollback({
    plan,
    leaseMs: limits.monitor.leaseMs,
    slackMs: 30_000,
    execArgv: TYPESCRIPT,
    writeReports: (run) => Object.values(writeReports(run)),
  });
  expect(proof.cases.flatMap(({ problems }) => problems)).toEqual([]);
  expect(proof).toMatchObject({ proven: true, leftOut: [] });
  expect(proof.cases.map(({ crash, step, endedBy }) => [crash.kind, step, endedBy])).toEqual([
    ['none', undefined, 'itself'],
    ['controller killed', 'slow', 'recover'],
    ['controller frozen', 'slow', 'itself'],
    ['data plane killed', 'slow', 'itself'],
    ['control cut', 'slow', 'itself'],
    ['Ctrl-C', 'slow', 'itself'],
    ['halted', 'slow', 'itself'],
    ['stop file', 'slow', 'itself'],
  ]);
});

test('prove-rollback says where a plan is wrong, and plays nothing', async () => {
  const file = experiment('{ proxy: store, type: redis_latencies }');
  const { code, stderr } = await finished(
    startScript('src/cli/main.ts', ['prove-rollback', file], { stdio: ['ignore', 'pipe', 'pipe'] }),
  );
  expect(code).toBe(2);
  expect(stderr).toMatch(/experiment\.yaml:\d+:\d+: .*redis_latency/);
});
