import { resolve } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { Tokens, tokensFile } from '../../src/server/guards/tokens.ts';
import { type ControlPlane, startControlPlane } from '../../src/server/index.ts';
import { BROWSERS, launchBrowser } from '../support/browser.ts';
import { Lab } from '../support/experiment.ts';
import { TYPESCRIPT } from '../support/processes.ts';
import { lacksTool } from '../support/services.ts';

const COMMAND = [process.execPath, ...TYPESCRIPT, resolve(import.meta.dirname, '../../src/cli/main.ts')];
const PAGES = ['', 'experiments', 'history', 'schedules', 'proxies'];

describe.skipIf(lacksTool(...BROWSERS))('the dashboard in Chromium', () => {
  const lab = new Lab();
  let plane: ControlPlane;
  let browser: Browser;
  let page: Page;
  let complaints: string[];
  let asked: string[];
  let token: string;

  beforeAll(async () => {
    await lab.open();
    lab.experiment('{ proxy: web, type: latency, attributes: { latency: 5 } }');
    token = new Tokens(tokensFile(lab.folder)).create('ada', 'operator');
    plane = await startControlPlane({
      cwd: lab.folder,
      experiments: '.',
      command: COMMAND,
      host: '127.0.0.1',
      port: 0,
      version: '0',
      log: () => {},
    });
    browser = await launchBrowser();
  });
  afterEach(() => page.close());
  afterAll(async () => {
    await browser?.close();
    await plane.close();
    await lab.close();
  });

  async function open(width: number, colorScheme: 'light' | 'dark' = 'light'): Promise<void> {
    page = await browser.newPage({ viewport: { width, height: 900 }, colorScheme });
    [complaints, asked] = [[], []];
    page.on('console', (message) => complaints.push(message.text()));
    page.on('pageerror', (error) => complaints.push(String(error)));
    page.on('request', (request) => asked.push(request.url()));
    await page.goto(plane.url);
    await page.getByLabel('Token').fill(token);
    // Whoever is not logged in was answered 401, which Chromium writes down.
    complaints.length = 0;
    await page.keyboard.press('Enter');
    await page.getByRole('button', { name: 'Stop everything' }).waitFor();
  }

  it('starts a run, shows it live, stops it, and has it in the history; by keyboard alone', async () => {
    await open(1280);
    await page.getByRole('link', { name: 'Experiments' }).focus();
    await page.keyboard.press('Enter');
    await page.getByRole('button', { name: 'Plan' }).press('Enter');
    expect(await page.getByText('Readers notice nothing.').count()).toBeGreaterThan(0);
    await page.getByRole('button', { name: 'Start', exact: true }).press('Enter');
    await page.getByRole('heading', { name: 'Lab', level: 1 }).waitFor();
    await page.getByText('faults in force').first().waitFor();
    expect(await page.getByText('started by ada').count()).toBe(1);
    expect(await page.locator('.chart svg path').count()).toBeGreaterThan(0);
    await page.getByRole('button', { name: 'Stop this run' }).press('Enter');
    await page.getByRole('heading', { name: 'Nothing runs' }).waitFor();
    await page.getByRole('link', { name: 'History' }).press('Enter');
    await page.getByRole('cell', { name: 'inconclusive' }).waitFor();
    expect(complaints).toEqual([]);
    expect(asked.filter((url) => !url.startsWith(plane.url))).toEqual([]);
  });

  it('stops everything with one key, says who did and why, and lifts it again', async () => {
    await open(1280);
    await page.getByRole('button', { name: 'Stop everything' }).press('Enter');
    await page.getByText(/Halted since .* by ada: stopped from the dashboard/).waitFor();
    await page.getByRole('button', { name: 'Lift the halt' }).press('Enter');
    await page.getByRole('button', { name: 'Stop everything' }).waitFor();
    expect(complaints).toEqual([]);
  });

  it('makes, changes and deletes a schedule by keyboard alone, with its next times before it is saved and errors beside their fields', async () => {
    await open(1280);
    await page.goto(`${plane.url}/#/schedules`);
    await page.getByRole('button', { name: 'New schedule' }).press('Enter');
    await page.keyboard.type('weekly-outage');
    await page.setViewportSize({ width: 390, height: 900 });
    expect(await page.evaluate<number>('document.documentElement.scrollWidth')).toBeLessThanOrEqual(390);
    const cron = page.getByLabel('Cron expression');
    await cron.fill('0 25 * * *');
    await page.getByText('"0 25 * * *" is not a cron expression').waitFor();
    await cron.fill('30 2 29 2 *');
    const zone = page.getByLabel('Time zone');
    await zone.fill('Asia/Tokyo');
    await page
      .getByRole('status')
      .getByText(/02:30 in Asia\/Tokyo$/)
      .first()
      .waitFor();
    await zone.press('Enter');
    await page.getByText('experiments: Too small').waitFor();
    await page.getByLabel('Lab').press('Space');
    await zone.press('Enter');
    await page.getByRole('heading', { name: 'weekly-outage' }).waitFor();
    await page.getByText('made here by ada').waitFor();

    await page.getByRole('button', { name: 'Change' }).press('Enter');
    await page.getByLabel('Jitter').fill('5m');
    await page.getByLabel('While its last run goes on').selectOption('Replace');
    await page.getByRole('button', { name: 'Save' }).press('Enter');
    await page.getByText('lab · Replace').waitFor();
    expect(plane.controller.schedules.all()).toMatchObject([{ jitterMs: 300_000, zone: 'Asia/Tokyo' }]);

    await page.getByRole('button', { name: 'Pause' }).press('Enter');
    await page.getByRole('button', { name: 'Resume' }).waitFor();
    await page.getByRole('button', { name: 'Delete' }).press('Enter');
    await page.getByRole('button', { name: 'Delete for good' }).press('Enter');
    await page.getByText('There is none.').waitFor();
    expect(complaints.filter((text) => !/400/.test(text))).toEqual([]);
  });

  it.each([
    ['light', 1280],
    ['dark', 390],
  ] as const)('fits a %s page of %i px without a complaint', async (scheme, width) => {
    await open(width, scheme);
    for (const name of PAGES) {
      await page.goto(`${plane.url}/#/${name}`);
      await page.getByRole('heading', { level: 1 }).waitFor();
      expect(await page.evaluate<number>('document.documentElement.scrollWidth')).toBeLessThanOrEqual(width);
    }
    // Nobody runs a data plane here, and the page of proxies says so.
    expect(complaints.filter((text) => !/503/.test(text))).toEqual([]);
  });
});
