import { createHmac } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { ControlPlane } from '../../src/server/index.ts';
import { controlPlane } from '../support/control-plane.ts';
import { Lab } from '../support/experiment.ts';
import { freePort } from '../support/free-port.ts';
import { differences, metricsPage } from '../support/metrics-page.ts';
import { Receiver } from '../support/receiver.ts';
import { until } from '../support/until.ts';

const SECRET = 'shared between two';
const lab = new Lab();
const receiver = new Receiver();
let plane: ControlPlane;
/** Its metrics in mid-run. */
let seen = '';
const before = { ...process.env };

beforeAll(async () => {
  await Promise.all([lab.open(), receiver.open()]);
  lab.experiment('{ proxy: web, type: latency, attributes: { latency: 5 } }');
  Object.assign(process.env, {
    TEST_HOOK: `${receiver.url}/hook`,
    TEST_GRAFANA: receiver.url,
    TEST_DEAD: `http://127.0.0.1:${await freePort()}/hook-not-to-be-seen`,
    TEST_SECRET: SECRET,
    OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url,
  });
  writeFileSync(
    join(lab.folder, 'notify.yaml'),
    `notify:
  - { kind: slack, url: "\${TEST_DEAD}" }
  - { kind: webhook, url: "\${TEST_HOOK}", secret: "\${TEST_SECRET}", experiments: ["l*"] }
  - { kind: grafana, url: "\${TEST_GRAFANA}", token: "\${TEST_SECRET}" }
`,
  );
  plane = await controlPlane(lab.folder);
});
afterAll(async () => {
  await plane.close();
  await Promise.all([lab.close(), receiver.close()]);
  for (const name of Object.keys(process.env)) if (!(name in before)) delete process.env[name];
});

const hook = () => receiver.bodies('/hook');
const metrics = async () => (await fetch(`${plane.url}/metrics`)).text();

it('a run is told from its start to its end, and a channel that is dead does not disturb it', {
  timeout: 120_000,
}, async () => {
  const { launcher } = plane.controller;
  const idle = await metrics();
  expect(idle).toContain('faultline_runs_started_total{experiment="lab"} 0');
  expect(idle).toContain('faultline_runs_ended_total{experiment="lab",verdict="aborted"} 0');
  expect(idle).toContain('faultline_run_rollback_proofs_total{experiment="lab",proven="false"} 0');
  const run = await launcher.start({ experiment: 'lab', by: 'tester' });
  await until('a fault is in force', () => run.progress.phase === 'step', 40_000);
  const live = await metrics();
  seen = live;
  expect(live).toContain('faultline_run_active{experiment="lab"} 1');
  expect(live).toContain(
    'faultline_run_breaches_total{experiment="lab",limit="errorRate > 20% for 200 ms"} 0',
  );
  expect(live).toContain('faultline_run_phase{experiment="lab",phase="step"} 1');
  expect(live).toMatch(/faultline_probe_baseline_latency_seconds\{[^}]*probe="read",quantile="0.5"\} \d/);
  expect(live).toMatch(
    /faultline_safety_margin_used_ratio\{[^}]*probe="read",limit="errorRate > 20%[^}]*\} \d/,
  );

  expect(await run.ended).toMatchObject({ verdict: 'held', exit: 0 });
  await until('the end is told', () => hook().some(({ occasion }) => occasion === 'end'));
  expect(hook().map(({ occasion, run: id }) => [occasion, id])).toEqual([
    ['start', run.id],
    ['end', run.id],
  ]);
  expect(hook().at(-1)).toMatchObject({ verdict: 'held', exit: 0, experiment: 'lab' });
  for (const { headers, body } of receiver.received.filter(({ path }) => path === '/hook')) {
    const signed = `${headers['x-faultline-timestamp']}.${body}`;
    const signature = createHmac('sha256', SECRET).update(signed).digest('hex');
    expect(headers['x-faultline-signature']).toBe(`v1=${signature}`);
  }

  await until('the trace is exported', () => receiver.bodies('/v1/traces').length > 0);
  const regions = await until('annotations come', () => {
    const all = receiver.bodies('/api/annotations');
    return all.length >= 2 && all;
  });
  expect(regions.map(({ tags }) => tags[1])).toEqual(['step', 'end']);
  for (const { time, timeEnd } of regions) expect(timeEnd).toBeGreaterThan(time);

  const log = await until('the dead channel is given up', () => {
    const text = readFileSync(join(run.folder, 'notify.log'), 'utf8');
    return /"slack-1" of end was not taken: ECONNREFUSED/.test(text) && text;
  });
  expect(log).not.toContain('not-to-be-seen');
  const after = await metrics();
  expect(after).toContain('faultline_runs_started_total{experiment="lab"} 1');
  expect(after).toContain('faultline_runs_ended_total{experiment="lab",verdict="held"} 1');
  expect(after).not.toContain('faultline_run_active{');
});

it('its metrics, with their labels, are those of the page, and no others', async () => {
  expect(differences(`${seen}${await metrics()}`, metricsPage('control'))).toEqual([]);
  expect(differences('# TYPE faultline_x gauge\nfaultline_x{a="b"} 1', new Map())).toEqual([
    'faultline_x is shown only',
  ]);
});

it('the kill switch is told, also when another process throws it', async () => {
  const stopFile = resolve(lab.folder, plane.controller.limits().stopFile);
  writeFileSync(
    stopFile,
    JSON.stringify({ reason: 'real incident', by: 'ada', since: new Date().toISOString() }),
  );
  const halt = await until('it is told', () => hook().find(({ occasion }) => occasion === 'halt'));
  expect(halt).toMatchObject({ headline: 'halted by ada', text: 'real incident' });
});

it('an occurrence that is skipped is told and counted', async () => {
  const now = new Date().toISOString();
  await plane.controller.store.record({
    schedule: 'nightly',
    due: now,
    at: now,
    state: 'skipped',
    reason: 'a freeze',
  });
  const skipped = await until('it is told', () => hook().find(({ occasion }) => occasion === 'skipped'));
  expect(skipped).toMatchObject({ schedule: 'nightly', text: 'a freeze' });
  expect(await metrics()).toContain(
    'faultline_schedule_occurrences_total{schedule="nightly",state="skipped"} 1',
  );
});

it('a second control plane at its port is refused in a sentence', async () => {
  const port = Number(new URL(plane.url).port);
  await expect(controlPlane(lab.folder, { port })).rejects.toThrow(
    `Cannot listen on 127.0.0.1:${port} for the control plane: the port is in use`,
  );
});
