import { resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type ControlPlane, startControlPlane } from '../../src/server/index.ts';
import { Lab } from '../support/experiment.ts';
import { TYPESCRIPT } from '../support/processes.ts';
import { until } from '../support/until.ts';

const COMMAND = [process.execPath, ...TYPESCRIPT, resolve(import.meta.dirname, '../../src/cli/main.ts')];

const lab = new Lab();
let plane: ControlPlane;

beforeAll(async () => {
  await lab.open();
  lab.experiment('{ proxy: web, type: latency, attributes: { latency: 5 } }');
  plane = await startControlPlane({
    cwd: lab.folder,
    experiments: '.',
    command: COMMAND,
    host: '127.0.0.1',
    port: 0,
    version: '0',
    name: 'tester',
    log: () => {},
  });
});
afterAll(async () => {
  await plane.close();
  await lab.close();
});

async function call(method: string, path: string, body?: unknown, headers: Record<string, string> = {}) {
  const response = await fetch(`${plane.url}${path}`, {
    method,
    headers: { ...(body === undefined ? {} : { 'content-type': 'application/json' }), ...headers },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  const text = await response.text();
  return { status: response.status, json: text.startsWith('{') ? JSON.parse(text) : text };
}

/** Names of server-sent events until one of them is `last`. */
async function listen(
  last: string,
): Promise<readonly { event: string; data: { run?: string; event?: { type: string } } }[]> {
  const seen = [];
  const response = await fetch(`${plane.url}/api/events`);
  let text = '';
  for await (const chunk of response.body!.pipeThrough(new TextDecoderStream())) {
    text += chunk;
    const whole = text.split('\n\n');
    text = whole.pop()!;
    for (const block of whole.filter((one) => one.startsWith('event:'))) {
      const [event, data] = block.split('\n').map((line) => line.slice(line.indexOf(' ') + 1));
      seen.push({ event: event!, data: JSON.parse(data!) });
      if (event === last) return seen;
    }
  }
  return seen;
}

describe('a run that is started over the API', () => {
  it('is followed event by event, ends in the history, and names who started it', async () => {
    const events = listen('ended');
    const started = await call('POST', '/api/runs', { experiment: 'lab' });
    expect(started).toMatchObject({ status: 202, json: { run: expect.stringContaining('-lab-') } });
    const { run } = started.json;
    expect((await call('GET', '/api/live')).json.runs).toMatchObject([{ id: run, experiment: 'lab' }]);
    const seen = await events;
    expect(seen[0]!.event).toBe('state');
    const types = seen.flatMap(({ data }) => data.event?.type ?? []);
    expect(types).toEqual(
      expect.arrayContaining(['run-started', 'step-applied', 'rollback-proof', 'run-ended']),
    );
    expect((await call('GET', '/api/runs')).json).toMatchObject({
      degraded: null,
      runs: [{ id: run, experiment: 'lab', outcome: 'held', exit: 0, controller: 'tester' }],
    });
    expect((await call('GET', `/api/runs/${run}`)).json.summary.verdict.outcome).toBe('held');
    expect((await call('GET', `/api/runs/${run}/report.html`)).json).toContain('<!doctype html>');
  });

  it('is ended by its stop route, with its reason and by whom', async () => {
    const { run } = (await call('POST', '/api/runs', { experiment: 'lab' })).json;
    const followed = plane.controller.launcher.run(run)!;
    await until('a fault is in force', () => followed.progress.phase === 'step');
    expect((await call('POST', `/api/runs/${run}/stop`, { reason: 'enough seen' })).status).toBe(202);
    expect((await followed.ended).sentence).toMatch(/^inconclusive: enough seen/);
    expect((await call('GET', `/api/runs/${run}`)).json.summary.rollback).toMatchObject({
      by: 'local',
      proven: true,
    });
    const [newer, older] = (await call('GET', '/api/runs?experiment=lab')).json.runs;
    const compared = await call('GET', `/api/runs/${older.id}/compare/${newer.id}`);
    expect(compared).toMatchObject({ status: 200, json: expect.stringContaining('comparison of two runs') });
  });
});

it('a dry run tells steps, reach and limits, and starts nothing', async () => {
  const { plan } = (await call('POST', '/api/experiments/lab/plan', {})).json;
  expect(plan).toMatchObject({
    title: 'Lab',
    steps: [{ name: 'only', durationMs: 2000, faults: ['web: delay each chunk by 5 ms'] }],
    stops: expect.arrayContaining([{ probe: 'read', limit: 'errorRate > 20% for 200 ms' }]),
    approvals: null,
    closed: null,
  });
  expect(plan.reach).toContainEqual({ what: 'added latency', value: '5 ms', most: '10 s', used: 0.0005 });
  expect((await call('GET', '/api/live')).json.runs).toEqual([]);
});

it('kinds of toxics come with all their attributes, none that needs a lease among them', async () => {
  const { toxics } = (await call('GET', '/api/toxics')).json;
  expect(toxics).toContainEqual(
    expect.objectContaining({ type: 'latency', attributes: { latency: 0, jitter: 0 } }),
  );
  expect(toxics.map(({ type }: { type: string }) => type)).not.toContain('down');
});

describe('what cannot be done is said in the words of the table', () => {
  it.each([
    [
      'an experiment that is not there',
      'POST',
      '/api/runs',
      { experiment: 'lob' },
      404,
      /no experiment named "lob". Did you mean "lab"\?/,
    ],
    [
      'a body with a key too many',
      'POST',
      '/api/runs',
      { experiment: 'lab', file: '/etc/passwd' },
      400,
      /file/,
    ],
    ['a run that is not there', 'GET', '/api/runs/none', undefined, 404, /There is no run "none"/],
    ['a route that is not there', 'GET', '/api/nothing', undefined, 404, /There is no GET \/api\/nothing/],
  ])('%s', async (_, method, path, body, status, message) => {
    const answer = await call(method, path, body);
    expect(answer.status).toBe(status);
    expect(answer.json.error.message).toMatch(message);
  });

  it('a body of 100 MB is refused before it is read', async () => {
    const response = await fetch(`${plane.url}/api/runs`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'content-length': String(100 * 1024 * 1024) },
      body: new Blob([`{"experiment":"${'x'.repeat(2 * 1024 * 1024)}`]),
    }).catch((error: Error) => error);
    if (response instanceof Response) expect(response.status).toBe(413);
    expect((await call('GET', '/healthz')).json.status).toBe('ok');
  });
});

describe('the kill switch over the API', () => {
  it('refuses new runs until it is lifted, and says who threw it and why', async () => {
    expect((await call('POST', '/api/halt', { reason: 'real incident' })).json.halted).toBe(true);
    expect((await call('GET', '/api/halt')).json.halted).toMatchObject({
      reason: 'real incident',
      by: 'local',
    });
    const { run } = (await call('POST', '/api/runs', { experiment: 'lab' })).json;
    await plane.controller.launcher.run(run)?.ended;
    expect((await call('GET', `/api/runs/${run}`)).json.summary.verdict).toMatchObject({
      outcome: 'refused',
    });
    expect((await call('DELETE', '/api/halt')).json.halted).toBe(false);
    expect((await call('GET', '/api/halt')).json.halted).toBeNull();
  });
});

it('every route is on the OpenAPI page', async () => {
  const { paths } = (await call('GET', '/docs/json')).json;
  expect(Object.keys(paths)).toEqual(
    expect.arrayContaining([
      '/api/runs',
      '/api/runs/{id}/stop',
      '/api/events',
      '/api/halt',
      '/api/schedules',
      '/healthz',
    ]),
  );
});
