import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Browser, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { Tokens, tokensFile } from '../../src/server/guards/tokens.ts';
import { BROWSERS, launchBrowser } from '../support/browser.ts';
import { Lab } from '../support/experiment.ts';
import { freePort } from '../support/free-port.ts';
import { startScript } from '../support/processes.ts';
import { lacksTool } from '../support/services.ts';

const PAGES = ['', 'experiments', 'experiments/lab', 'history', 'schedules', 'gamedays', 'proxies'];

describe.skipIf(lacksTool(...BROWSERS))('the dashboard in Chromium', () => {
  const lab = new Lab();
  let plane: ChildProcess;
  let url: string;
  let browser: Browser;
  let page: Page;
  let complaints: string[];
  let asked: string[];
  const token: Record<string, string> = {};

  async function serve(): Promise<void> {
    plane = startScript('src/cli/main.ts', ['serve', '--experiments', '.', '--port', new URL(url).port], {
      cwd: lab.folder,
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    for await (const line of createInterface({ input: plane.stdout! }))
      if (line.startsWith('control plane at')) return;
    throw new Error('the control plane did not start');
  }

  async function kill(): Promise<void> {
    plane.kill('SIGKILL');
    await once(plane, 'exit');
  }

  beforeAll(async () => {
    await lab.open();
    const file = lab.experiment('{ proxy: web, type: latency, attributes: { latency: 5 } }');
    const long = readFileSync(file, 'utf8')
      .replace('name: lab', 'name: long')
      .replace('title: Lab', 'title: Long')
      .replace('duration: 2s', 'duration: 60s');
    writeFileSync(join(lab.folder, 'long.yaml'), long);
    const tokens = new Tokens(tokensFile(lab.folder));
    token.ada = tokens.create('ada', 'operator');
    token.bob = tokens.create('bob', 'viewer');
    url = `http://127.0.0.1:${await freePort()}`;
    [browser] = await Promise.all([launchBrowser(), serve()]);
  });
  afterEach(() => page.close());
  afterAll(async () => {
    await browser?.close();
    await kill();
    await lab.close();
  });

  async function open({ width = 1280, colorScheme = 'light' as 'light' | 'dark', as = 'ada' } = {}) {
    page = await browser.newPage({ viewport: { width, height: 900 }, colorScheme });
    [complaints, asked] = [[], []];
    page.on('console', (message) => complaints.push(message.text()));
    page.on('pageerror', (error) => complaints.push(String(error)));
    page.on('request', (request) => asked.push(request.url()));
    await page.goto(url);
    await logIn(as);
    await button('Stop everything').waitFor();
    // Whoever is not logged in was answered 401, which Chromium writes down.
    complaints.length = 0;
  }

  async function logIn(who = 'ada'): Promise<void> {
    await page.getByLabel('Token').fill(token[who]!);
    await page.keyboard.press('Enter');
  }

  function button(name: string) {
    return page.getByRole('button', { name, exact: true });
  }

  function says(text: string | RegExp) {
    return page.getByText(text).first().waitFor();
  }

  it('plans a run, starts it, shows it live, stops it and proves that; by keyboard alone, asking nobody else', async () => {
    await open();
    await page.getByRole('link', { name: 'Experiments' }).focus();
    await page.keyboard.press('Enter');
    await page.getByRole('link', { name: 'Plan of lab' }).press('Enter');
    await says('web: delay each chunk by 5 ms');
    await page.getByRole('meter', { name: 'added latency' }).waitFor();
    await button('Start').press('Enter');
    await page.getByRole('heading', { name: 'Lab', level: 1 }).waitFor();
    await page.getByRole('status').getByText('Lab: faults in force, step 1 of 1: only.').waitFor();
    expect(await page.getByText('started by ada').count()).toBe(1);
    expect(await page.locator('.chart svg path').count()).toBeGreaterThan(0);
    expect(await page.getByRole('img', { name: /^read: p95 .*, was / }).count()).toBe(1);
    expect(await page.getByRole('meter', { name: /read errorRate > 20%/ }).count()).toBe(1);
    await button('Stop this run').press('Enter');
    await says('proven: nothing is left');
    await page.getByRole('heading', { name: 'Nothing runs' }).waitFor();
    await page.getByRole('link', { name: 'History' }).press('Enter');
    await page.getByRole('cell', { name: 'inconclusive' }).waitFor();
    await page.getByRole('link', { name: /: inconclusive$/ }).press('Enter');
    await page.waitForURL(/report\.html$/);
    expect(complaints).toEqual([]);
    expect(asked.filter((one) => !one.startsWith(url))).toEqual([]);
  });

  it('stops everything with one key, however often it is pressed; lifting it is another button', async () => {
    await open();
    await button('Stop everything').press('Enter');
    await page.getByText(/Halted since .* by ada: stopped from the dashboard/).waitFor();
    await button('Stop everything').press('Enter');
    await says('Stop of everything: taken');
    await button('Lift the halt').press('Enter');
    await page.getByText(/Halted since/).waitFor({ state: 'detached' });
    expect(complaints).toEqual([]);
  });

  it('tells a viewer who may stop', async () => {
    await open({ as: 'bob' });
    await button('Stop everything').click();
    await page.getByRole('alert').getByText('Only an operator or an admin may stop.').waitFor();
  });

  it('sends a stop again until it is taken, whether the control plane answers 500 or hangs', async () => {
    await open();
    await page.route('**/api/halt', (route) =>
      route.request().method() === 'POST' ? route.fulfill({ status: 500 }) : route.continue(),
    );
    await button('Stop everything').click();
    await page.getByRole('alert').getByText('NOT confirmed').waitFor();
    plane.kill('SIGSTOP');
    await page.unroute('**/api/halt');
    await button('Stop everything').click();
    await says('waiting for the answer');
    await button('Stop everything').click();
    plane.kill('SIGCONT');
    await says('Stop of everything: taken');
    await button('Lift the halt').click();
    await page.getByText(/Halted since/).waitFor({ state: 'detached' });
  });

  it('says that the control plane is gone, comes back by itself, and sends the stop after the login', async () => {
    await open();
    await page.goto(`${url}/#/experiments/long`);
    await button('Start').click();
    await says('faults in force, step 1');
    await kill();
    await page.getByRole('alert').getByText('The control plane does not answer.').waitFor();
    await says('whether it is renewed cannot be seen');
    await button('Stop everything').click();
    await says('NOT confirmed');
    await serve();
    await says('The stop is not sent yet: your session has ended.');
    await logIn();
    await says('Stop of everything: taken');
    await says('proven: nothing is left');
    await page.getByRole('heading', { name: 'Nothing runs' }).waitFor();
  });

  it('makes, changes and deletes a schedule by keyboard alone, with its next times before it is saved and errors beside their fields', async () => {
    await open();
    await page.goto(`${url}/#/schedules`);
    await button('New schedule').press('Enter');
    await page.keyboard.type('weekly-outage');
    await page.setViewportSize({ width: 390, height: 900 });
    expect(await page.evaluate<number>('document.documentElement.scrollWidth')).toBeLessThanOrEqual(390);
    const cron = page.getByLabel('Cron expression');
    await cron.fill('0 25 * * *');
    await says('"0 25 * * *" is not a cron expression');
    await cron.fill('30 2 29 2 *');
    const zone = page.getByLabel('Time zone');
    await zone.fill('Asia/Tokyo');
    await says(/02:30 in Asia\/Tokyo$/);
    await zone.press('Enter');
    await says('experiments: Too small');
    await page.getByLabel('Lab', { exact: true }).press('Space');
    await zone.press('Enter');
    await says('made here by ada');

    await button('Change').press('Enter');
    await page.getByLabel('Jitter').fill('5m');
    await page.getByLabel('While its last run goes on').selectOption('Replace');
    await button('Save').press('Enter');
    await says('lab · Replace');
    const kept = readFileSync(join(lab.folder, '.faultline/schedules/weekly-outage/made.json'), 'utf8');
    expect(JSON.parse(kept).entry).toMatchObject({ jitter: 300_000, zone: 'Asia/Tokyo' });

    await button('Pause').press('Enter');
    await button('Resume').waitFor();
    await button('Delete').press('Enter');
    await button('Delete for good').press('Enter');
    await says('There is none.');
    expect(complaints.filter((text) => !/400/.test(text))).toEqual([]);
  });

  it.each([
    ['light', 1280],
    ['dark', 390],
  ] as const)('fits a %s page of %i px without a complaint', async (colorScheme, width) => {
    await open({ width, colorScheme });
    for (const name of PAGES) {
      await page.goto(`${url}/#/${name}`);
      await page.getByRole('heading', { level: 1 }).waitFor();
      expect(await page.evaluate<number>('document.documentElement.scrollWidth')).toBeLessThanOrEqual(width);
    }
    // Nobody runs a data plane here, and the page of proxies says so.
    expect(complaints.filter((text) => !/503/.test(text))).toEqual([]);
  });
});
