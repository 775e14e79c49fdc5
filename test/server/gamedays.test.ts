import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Tokens, tokensFile } from '../../src/server/guards/tokens.ts';
import type { ControlPlane } from '../../src/server/index.ts';
import { BROWSERS, launchBrowser } from '../support/browser.ts';
import { controlPlane } from '../support/control-plane.ts';
import { Lab } from '../support/experiment.ts';
import { lacksTool } from '../support/services.ts';
import { until } from '../support/until.ts';

/** What would tell an observer which experiment it is, what is done, or that a fault was injected. */
const TELLS =
  /\d-lab-|"experiment":"lab"|Readers notice|"only"|step-applied|latency"?:? ?5\b|"type":"latency"|_total{experiment="lab"[^}]*} [1-9]|run_faults{/;

const lab = new Lab();
let plane: ControlPlane;
const token: Record<string, string> = {};

beforeAll(async () => {
  await lab.open();
  const file = lab.experiment('{ proxy: web, type: latency, attributes: { latency: 5 } }');
  const step =
    '  - name: STEP\n    duration: 800ms\n    faults: [{ proxy: web, type: latency, attributes: { latency: 7 } }]\n';
  const three = readFileSync(file, 'utf8')
    .replace('name: lab', 'name: three')
    .replace('duration: 2s', 'duration: 800ms')
    .replace('recovery:', `${step.replace('STEP', 'more')}${step.replace('STEP', 'most')}recovery:`);
  writeFileSync(join(lab.folder, 'three.yaml'), three);
  mkdirSync(join(lab.folder, 'gamedays'));
  writeFileSync(
    join(lab.folder, 'gamedays/blind.yaml'),
    `name: blind
title: A blind day
people:
  - { name: ada, role: operator }
  - { name: bob, role: observer }
  - { name: eve, role: observer }
agenda:
  - { experiment: lab, blind: true }
`,
  );
  writeFileSync(
    join(lab.folder, 'gamedays/keys.yaml'),
    `name: keys
title: A day by keyboard
people:
  - { name: ada, role: lead }
  - { name: bob, role: observer }
agenda:
  - { experiment: three, title: Slow web }
  - { experiment: lab }
`,
  );
  writeFileSync(
    join(lab.folder, 'gamedays/wrong.yaml'),
    `name: wrong
title: A day that cannot be begun
people: [{ name: ada, role: operator }]
agenda:
  - { experiment: redis-surprise, blind: true }
`,
  );
  const tokens = new Tokens(tokensFile(lab.folder));
  token.ada = tokens.create('ada', 'operator');
  token.bob = tokens.create('bob', 'viewer');
  token.eve = tokens.create('eve', 'operator');
  plane = await controlPlane(lab.folder);
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
  // Whom the file names as an observer is not told either, whatever else the token may do.
  for (const who of ['bob', 'eve']) {
    for (const path of [`/api/runs/${run}`, `/api/runs/${run}/report.json`, `/api/runs/${run}/report.html`])
      expect((await as(who, 'GET', path)).status, path).toBe(404);
    for (const path of [at(), '/api/live', '/api/runs', '/api/gamedays', '/healthz', '/metrics']) {
      const { text, status } = await as(who, 'GET', path);
      expect([status, path]).toEqual([200, path]);
      expect(text, path).not.toMatch(TELLS);
    }
    for (const [method, path] of [
      ['GET', '/api/proxies'],
      ['GET', '/api/experiments/lab'],
      ['POST', '/api/experiments/lab/plan'],
    ] as const)
      if (method === 'GET' || who === 'eve')
        expect((await as(who, method, path)).json.error, path).toMatchObject({ code: 'NOT_NOW' });
    expect((await as(who, 'GET', '/api/live')).json.runs).toMatchObject([
      {
        id: 'blind',
        by: null,
        steps: [{ name: 'step 1', durationMs: null, faults: [] }],
        probes: [{ name: 'read' }],
      },
    ]);
  }
  expect((await as('ada', 'GET', '/api/experiments/lab')).status).toBe(200);
  expect((await as('ada', 'GET', '/api/live')).json.runs).toMatchObject([{ id: run, experiment: 'lab' }]);
  expect((await as('bob', 'POST', at('/notes'), { text: 'all green here' })).status).toBe(200);
  expect((await as('ada', 'GET', at('/report.html'))).json.error.code).toBe('NOT_NOW');
  expect(heard).toContain('"id":"blind"');
  expect(heard).not.toMatch(TELLS);

  await until('it is over', async () => (await as('bob', 'GET', at())).json.endedAt);
  listening.abort();
  await events.catch(() => {});
  expect(heard, 'the end of a hidden run has no name either').toMatch(/event: ended\ndata: {"run":"blind",/);
  expect((await as('bob', 'GET', '/metrics')).text).toMatch(
    /faultline_runs_started_total{experiment="lab"} 1\n/,
  );
  expect((await as('bob', 'GET', '/api/runs')).json.runs).toMatchObject([{ id: run }]);
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

it('a viewer is not told what is wrong with a file: it may name what is blind in it', async () => {
  const files = async (who: string) => (await as(who, 'GET', '/api/gamedays')).json.files;
  const wrong = { name: 'wrong', problems: [expect.stringContaining('redis-surprise')] };
  expect(await files('ada')).toContainEqual(expect.objectContaining(wrong));
  expect(JSON.stringify(await files('bob'))).not.toContain('redis-surprise');
});

it('the debrief after the end is in the report too: notes, and action items with who does them', async () => {
  const [{ id }] = (await as('bob', 'GET', '/api/gamedays')).json.gameDays.filter(
    ({ title }: { title: string }) => title === 'A blind day',
  );
  const at = `/api/gamedays/${id}`;
  const text = 'action: @ada give the readers a budget';
  expect((await as('bob', 'POST', `${at}/notes`, { text })).status).toBe(200);
  const report = (await as('bob', 'GET', `${at}/report.json`)).json;
  expect(report.actions.at(-1)).toMatchObject({ action: 'give the readers a budget', owner: 'ada' });
  expect(report.people).toMatchObject([{ joined: true }, { joined: true }, { name: 'eve', joined: false }]);
});

describe.skipIf(lacksTool(...BROWSERS))('the page of a game day in Chromium', () => {
  let browser: Browser;
  let page: Page;
  let complaints: string[];
  beforeAll(async () => {
    browser = await launchBrowser();
  });
  afterAll(() => browser?.close());

  async function open(who: string, hash: string, width = 1280): Promise<void> {
    await page?.close();
    page = await browser.newPage({
      viewport: { width, height: 900 },
      colorScheme: width < 700 ? 'dark' : 'light',
    });
    complaints = [];
    page.on('pageerror', (error) => complaints.push(String(error)));
    await page.goto(`${plane.url}/${hash}`);
    await page.getByLabel('Token').fill(token[who]!);
    page.on('console', (message) => complaints.push(message.text()));
    await page.keyboard.press('Enter');
    await page.getByRole('navigation', { name: 'Pages' }).waitFor();
  }
  const press = (name: string) => page.getByRole('button', { name, exact: true }).press('Enter');
  const says = (text: string | RegExp) => page.getByText(text).first().waitFor();

  it('plays it by keyboard alone: predict, hold, go, note, skip a step, end, read the report', async () => {
    await open('ada', '#/gamedays');
    await page
      .getByRole('listitem')
      .filter({ hasText: 'A day by keyboard' })
      .getByRole('button')
      .press('Enter');
    await says('Item 1 of 2');
    const now = page.getByRole('region', { name: 'Now' });
    await now.getByLabel('It will be').selectOption('held');
    await now.getByLabel('What happens').fill('read first, but nobody notices');
    await page.keyboard.press('Enter');
    await says('You predicted: “held, read first, but nobody notices”');
    await press('Hold the gate');
    await says('The gate is held shut');
    await press('Go: open the gate');
    await press('Hold before the next step');
    await says(/^Held before step/);
    await page.getByRole('textbox', { name: 'Note' }).fill('all is green');
    await page.getByLabel('As').selectOption('an action item of bob');
    await page.getByRole('textbox', { name: 'Note' }).press('Enter');
    await page.getByRole('listitem').getByText('action item of bob').waitFor();
    await press('Skip the held step');
    await says('“held, read first, but nobody notices”');
    await says('Item 2 of 2');
    await press('End the game day');
    await press('Yes, end the game day');
    await page.getByRole('link', { name: 'Read the report' }).press('Enter');
    await page.getByRole('heading', { name: 'Predictions against outcome' }).waitFor();
    await says('held, as predicted, not first as predicted');
    await page.getByRole('cell', { name: 'bob', exact: true }).waitFor();
    expect(complaints).toEqual([]);
  });

  it('fits a phone, and an observer there predicts and notes, and has no gate to open', async () => {
    const { id } = (await as('ada', 'POST', '/api/gamedays', { name: 'keys' })).json;
    await open('bob', `#/gamedays/${id}`, 390);
    await page.getByRole('button', { name: 'Predict' }).first().waitFor();
    expect(await page.getByRole('group', { name: 'Gate' }).count()).toBe(0);
    await until('bob is there', async () =>
      (await as('ada', 'GET', `/api/gamedays/${id}`)).json.people.some(
        ({ name, joined }: { name: string; joined: boolean }) => name === 'bob' && joined,
      ),
    );
    expect(await page.evaluate<number>('document.documentElement.scrollWidth')).toBeLessThanOrEqual(390);
    await as('ada', 'POST', `/api/gamedays/${id}/stop`, { reason: 'seen enough' });
    await says(/Stopped by ada: seen enough/);
    expect(complaints).toEqual([]);
  });
});

it('a control plane that is started again goes on with its game day, and takes the end of the run that went on without it', async () => {
  const { id } = (await as('ada', 'POST', '/api/gamedays', { name: 'keys' })).json;
  const item = async () => (await as('ada', 'GET', `/api/gamedays/${id}`)).json.items[0];
  await as('ada', 'POST', `/api/gamedays/${id}/go`, { aim: { item: 0, gate: true } });
  const again = await as('ada', 'POST', `/api/gamedays/${id}/go`, { aim: { item: 0, gate: true } });
  expect(again.json.error).toMatchObject({ code: 'NOT_NOW', message: expect.stringContaining('meanwhile') });
  const { run } = await until('the run is known', async () => {
    const now = await item();
    return now.run && now;
  });
  await plane.close();
  plane = await controlPlane(lab.folder);
  expect(await item()).toMatchObject({ run, phase: 'running', alone: true, end: null });
  await until('it is over', async () => (await item()).end);
  expect(await item()).toMatchObject({ run, phase: 'played', end: { verdict: 'held' } });
  const journal = readFileSync(join(lab.folder, '.faultline/gamedays', id, 'journal.jsonl'), 'utf8');
  expect(journal.match(/"type":"run-started"/g)).toHaveLength(1);
  await as('ada', 'POST', `/api/gamedays/${id}/stop`, {});
});
