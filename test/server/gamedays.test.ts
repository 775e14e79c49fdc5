import { mkdirSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { Tokens, tokensFile } from '../../src/server/guards/tokens.ts';
import { type ControlPlane, startControlPlane } from '../../src/server/index.ts';
import { Lab } from '../support/experiment.ts';
import { TYPESCRIPT } from '../support/processes.ts';
import { until } from '../support/until.ts';

const COMMAND = [process.execPath, ...TYPESCRIPT, resolve(import.meta.dirname, '../../src/cli/main.ts')];

const lab = new Lab();
let plane: ControlPlane;
const token: Record<string, string> = {};

beforeAll(async () => {
  await lab.open();
  lab.experiment('{ proxy: web, type: latency, attributes: { latency: 5 } }');
  mkdirSync(join(lab.folder, 'gamedays'));
  writeFileSync(
    join(lab.folder, 'gamedays/blind.yaml'),
    `name: blind
title: A blind day
people:
  - { name: ada, role: operator }
  - { name: bob, role: observer }
agenda:
  - { experiment: lab, blind: true }
`,
  );
  const tokens = new Tokens(tokensFile(lab.folder));
  token.ada = tokens.create('ada', 'operator');
  token.bob = tokens.create('bob', 'viewer');
  plane = await startControlPlane({
    cwd: lab.folder,
    experiments: '.',
    command: COMMAND,
    host: '127.0.0.1',
    port: 0,
    version: '0',
    log: () => {},
  });
});
afterAll(async () => {
  await plane.close();
  await lab.close();
});

async function as(who: string, method: string, path: string, body?: unknown) {
  const response = await fetch(`${plane.url}${path}`, {
    method,
    headers: {
      authorization: `Bearer ${token[who]}`,
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  const text = await response.text();
  return { status: response.status, text, json: text.startsWith('{') ? JSON.parse(text) : {} };
}

it('a viewer is sent nothing of what a blind item does until it is over, and predicts and notes all the same', async () => {
  expect((await as('bob', 'POST', '/api/gamedays', { name: 'blind' })).status).toBe(403);
  const { id } = (await as('ada', 'POST', '/api/gamedays', { name: 'blind' })).json;
  const at = (what = '') => `/api/gamedays/${id}${what}`;
  const prediction = { item: 0, text: 'held, nobody notices' };
  expect((await as('bob', 'POST', at('/predictions'), prediction)).status).toBe(200);
  expect((await as('ada', 'GET', at())).text).not.toContain('nobody notices');
  expect((await as('bob', 'POST', at('/go'), {})).status).toBe(403);
  const listening = new AbortController();
  let heard = '';
  const events = fetch(`${plane.url}/api/events`, {
    headers: { authorization: `Bearer ${token.bob}` },
    signal: listening.signal,
  }).then(async ({ body }) => {
    for await (const chunk of body!.pipeThrough(new TextDecoderStream())) heard += chunk;
  });

  expect((await as('ada', 'POST', at('/go'), {})).status).toBe(200);
  const step = await until(
    'the step is in force',
    async () => (await as('ada', 'GET', at())).json.items[0].step,
  );
  expect(step.name).toBe('only');
  const { run } = (await as('ada', 'GET', at())).json.items[0];
  for (const path of [`/api/runs/${run}`, `/api/runs/${run}/report.json`])
    expect((await as('bob', 'GET', path)).status).toBe(404);
  for (const path of [at(), '/api/live', '/healthz']) {
    const { text } = await as('bob', 'GET', path);
    expect(text).not.toMatch(/-lab-|"only"|latency"?:? ?5|"type":"latency"/);
  }
  expect((await as('bob', 'GET', '/api/live')).json.runs).toMatchObject([
    { id: 'blind', steps: [{ name: 'step 1', faults: [] }], probes: [{ name: 'read' }] },
  ]);
  expect((await as('ada', 'GET', '/api/live')).json.runs).toMatchObject([{ id: run, experiment: 'lab' }]);
  expect((await as('bob', 'POST', at('/notes'), { text: 'all green here' })).status).toBe(200);
  expect((await as('ada', 'GET', at('/report.html'))).json.error.code).toBe('NOT_NOW');
  expect(heard).toContain('"id":"blind"');
  expect(heard).not.toMatch(/-lab-|"only"|step-applied/);

  await until('it is over', async () => (await as('bob', 'GET', at())).json.endedAt);
  listening.abort();
  await events.catch(() => {});
  const over = (await as('bob', 'GET', at())).json.items[0];
  expect(over).toMatchObject({
    experiment: 'lab',
    run,
    predictions: [{ by: 'bob', text: 'held, nobody notices' }],
  });
  const report = (await as('bob', 'GET', at('/report.html'))).text;
  for (const text of ['held, nobody notices', 'held, as predicted', 'all green here'])
    expect(report).toContain(text);
});
