import { once } from 'node:events';
import { mkdirSync, mkdtempSync, renameSync, symlinkSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { fileScheduleBook } from '../../src/schedule/file-book.ts';
import { auditFile } from '../../src/server/guards/audit-log.ts';
import type { ControlPlane } from '../../src/server/index.ts';
import { RunLauncher } from '../../src/server/runs/launcher.ts';
import { COMMAND, controlPlane } from '../support/control-plane.ts';
import { Lab } from '../support/experiment.ts';
import { until } from '../support/until.ts';

const lab = new Lab();
let plane: ControlPlane;

beforeAll(async () => {
  await lab.open();
  lab.experiment('{ proxy: web, type: latency, attributes: { latency: 5 } }');
  plane = await controlPlane(lab.folder);
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
    expect(seen.find(({ data }) => data.event?.type === 'run-started')?.data).toMatchObject({
      event: { plan: { source: { file: 'experiment.yaml' } } },
    });
    expect((await call('GET', '/api/runs')).json).toMatchObject({
      degraded: null,
      runs: [{ id: run, experiment: 'lab', outcome: 'held', exit: 0, controller: 'tester' }],
    });
    expect((await call('GET', `/api/runs/${run}`)).json.summary.verdict.outcome).toBe('held');
    expect((await call('GET', `/api/runs/${run}/report.html`)).json).toContain('<!doctype html>');
  });

  it('goes on under its monitor while the disk takes nothing more, and is ended by its stop route, with its reason and by whom', async () => {
    const { run } = (await call('POST', '/api/runs', { experiment: 'lab' })).json;
    const followed = plane.controller.launcher.run(run)!;
    await until('a fault is in force', () => followed.progress.phase === 'step');
    const audit = auditFile(lab.folder);
    renameSync(audit, `${audit}.kept`);
    symlinkSync('/dev/full', audit);
    expect(await call('POST', '/api/runs', { experiment: 'lab' })).toMatchObject({
      status: 503,
      json: { error: { code: 'AUDIT_NOT_WRITTEN', message: expect.stringContaining('ENOSPC') } },
    });
    expect((await call('GET', '/healthz')).json.degraded).toEqual([
      expect.stringContaining('the audit log cannot be written (ENOSPC)'),
    ]);
    expect(followed.progress.phase).toBe('step');
    expect((await call('POST', `/api/runs/${run}/stop`, { reason: 'enough seen' })).status).toBe(202);
    expect((await followed.ended).sentence).toMatch(/^inconclusive: enough seen/);
    renameSync(`${audit}.kept`, audit);
    expect((await call('GET', `/api/runs/${run}`)).json.summary.rollback).toMatchObject({
      by: 'local',
      proven: true,
    });
    const [newer, older] = (await call('GET', '/api/runs?experiment=lab')).json.runs;
    const compared = await call('GET', `/api/runs/${older.id}/compare/${newer.id}`);
    expect(compared).toMatchObject({ status: 200, json: expect.stringContaining('comparison of two runs') });
  });
});

describe('a run that is to be started on a full disk', () => {
  const launcher = (cwd: string, command: readonly string[]) =>
    new RunLauncher({ folder: lab.folder, cwd, command });

  it('is refused with the reason where its folder cannot be made, and no line of a log can be written', async () => {
    const full = ['sh', '-c', 'ulimit -f 0; exec "$0" "$@"', ...COMMAND];
    const started = launcher(lab.folder, full).start({ experiment: 'lab', by: 'tester' });
    await expect(started).rejects.toMatchObject({ code: 'RUN_NOT_STARTED' });
    await expect(started).rejects.toThrow(/the run cannot be recorded: EFBIG/);
  });

  it('is refused with the reason where its log cannot be made', async () => {
    const cwd = mkdtempSync(join(lab.folder, 'full-'));
    mkdirSync(join(cwd, '.faultline'));
    symlinkSync('/dev/full', join(cwd, '.faultline', 'logs'));
    const started = launcher(cwd, COMMAND).start({ experiment: 'lab', by: 'tester' });
    await expect(started).rejects.toThrow(/The run could not be started: its log cannot be written/);
  });
});

describe('schedules over the API', () => {
  const nightly = { cron: '30 2 * * *', zone: 'Europe/Rome', experiments: ['lab'], jitter: '10m' };

  it('are made, changed, paused and deleted; they are kept, with who made them and what became of them', async () => {
    const made = await call('PUT', '/api/schedules/nightly', nightly);
    expect(made).toMatchObject({
      status: 201,
      json: { name: 'nightly', source: 'api', by: 'local', jitterMs: 600_000, paused: false },
    });
    expect(made.json.next.length).toBe(5);
    expect((await call('POST', '/api/schedules/nightly/pause', {})).json.paused).toBe(true);
    const changed = await call('PUT', '/api/schedules/nightly', { ...nightly, cron: '0 4 * * *' });
    expect(changed).toMatchObject({ status: 200, json: { cron: '0 4 * * *', paused: true } });
    const kept = await fileScheduleBook(join(lab.folder, '.faultline/schedules')).read();
    expect(kept).toMatchObject({
      made: [{ by: 'local', entry: { name: 'nightly', cron: '0 4 * * *' } }],
      paused: new Map([['nightly', true]]),
    });
    const entry = { schedule: 'nightly', due: '2026-06-01T02:00:00.000Z', at: '2026-06-01T02:00:01.000Z' };
    await plane.controller.store.record({ ...entry, state: 'skipped', reason: 'a freeze' });
    expect((await call('DELETE', '/api/schedules/nightly')).json.deleted).toBe(true);
    expect((await call('GET', '/api/schedules')).json.schedules).toEqual([]);
    expect((await call('GET', '/api/schedules/nightly/history')).json.history.length).toBe(1);
    expect((await call('DELETE', '/api/schedules/nightly')).status).toBe(404);
    const elsewhere = encodeURIComponent('../schedules/nightly');
    expect((await call('GET', `/api/schedules/${elsewhere}/history`)).status).toBe(400);
  });

  it('that are wrong are refused with a sentence for each field, and nothing is kept', async () => {
    const wrong = { ...nightly, zone: 'Europe/Roma', experiments: ['lob'], pick: 'best', crom: '' };
    const { status, json } = await call('PUT', '/api/schedules/Nightly', wrong);
    expect(status).toBe(400);
    expect(json.error.fields.map(({ field }: { field: string }) => field)).toEqual(
      expect.arrayContaining(['name', 'pick', 'crom']),
    );
    const { pick, crom, ...rest } = wrong;
    expect((await call('PUT', '/api/schedules/nightly', rest)).json.error.fields).toEqual([
      { field: 'zone', message: expect.stringContaining('"Europe/Roma" is not a time zone') },
      { field: 'experiments', message: expect.stringContaining('Did you mean "lab"?') },
    ]);
    const dense = { ...nightly, cron: '*/5 * * * *' };
    expect((await call('PUT', '/api/schedules/nightly', dense)).json.error.fields).toEqual([
      { field: 'jitter', message: expect.stringContaining('10 min is not less than the 5 min between two') },
    ]);
    expect((await call('GET', '/api/schedules')).json.schedules).toEqual([]);
  });

  it('are shown with their next times before they are made', async () => {
    const times = await call(
      'GET',
      `/api/schedules/preview?${new URLSearchParams({ cron: '0 0 29 2 *', zone: 'UTC' })}`,
    );
    // Further ahead than 8 years nobody looks.
    expect(times.json.next).toEqual(expect.arrayContaining([expect.stringMatching(/^2\d{3}-02-29T00:00/)]));
    const never = await call(
      'GET',
      `/api/schedules/preview?${new URLSearchParams({ cron: '0 0 31 2 *', zone: 'UTC' })}`,
    );
    expect(never).toMatchObject({ status: 400, json: { error: { fields: [{ field: 'cron' }] } } });
  });

  it("of the file are read again when it changes, and are the file's; a file that is wrong leaves those before in force and is told", async () => {
    const file = join(lab.folder, 'schedules.yaml');
    const { schedules } = plane.controller;
    writeFileSync(file, 'schedules: [{ name: weekly, cron: "0 10 * * tue", experiments: [lab] }]\n');
    await schedules.refresh();
    const refused = await call('PUT', '/api/schedules/weekly', nightly);
    expect(refused).toMatchObject({
      status: 409,
      json: { error: { message: expect.stringContaining('stands in schedules.yaml: change it there') } },
    });
    expect((await call('DELETE', '/api/schedules/weekly')).status).toBe(409);
    expect((await call('POST', '/api/schedules/weekly/pause', {})).status).toBe(200);
    writeFileSync(file, 'schedules: [{ name: weekly, cron: "0 25 * * *", experiments: [lab] }]\n');
    await schedules.refresh();
    expect((await call('GET', '/healthz')).json).toMatchObject({
      status: 'degraded',
      degraded: [
        expect.stringMatching(/^schedules.yaml is not in force as it stands: schedules.yaml:1:\d+: .*"0 25/),
      ],
    });
    expect((await call('GET', '/api/schedules')).json.schedules).toMatchObject([
      { name: 'weekly', cron: '0 10 * * tue', source: 'file', paused: true },
    ]);
    writeFileSync(file, 'schedules: []\n');
    await schedules.refresh();
    expect((await call('GET', '/healthz')).json.status).toBe('ok');
  });
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

  it.each([
    ['a length of 100 MB', 'Content-Length: 104857600\r\n\r\n', ''],
    [
      'no length, and more than is taken',
      'Transfer-Encoding: chunked\r\n\r\n',
      `200000\r\n${'x'.repeat(0x200000)}`,
    ],
  ])('a body with %s is refused before it is read to its end', async (_, head, body) => {
    const socket = connect(Number(new URL(plane.url).port), '127.0.0.1');
    socket.on('error', () => {});
    const answer = once(socket, 'data');
    socket.write(
      `POST /api/runs HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n${head}${body}`,
    );
    expect(String((await answer)[0])).toMatch(/^HTTP\/1.1 413 /);
    socket.destroy();
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
