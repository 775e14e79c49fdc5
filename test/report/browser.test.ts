import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Browser, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest';
import { compareRuns } from '../../src/report/compare/comparison.ts';
import { renderComparisonHtml } from '../../src/report/compare/html.ts';
import { renderHtml, summarise, writePdf } from '../../src/report/index.ts';
import { BROWSERS, launchBrowser } from '../support/browser.ts';
import { outageJournal, outagePlan } from '../support/outage-journal.ts';
import { lacksTool } from '../support/services.ts';
import { shortJournal } from '../support/short-journal.ts';

describe.skipIf(lacksTool(...BROWSERS))('the report in Chromium', () => {
  const folder = mkdtempSync(join(tmpdir(), 'faultline-browser-'));
  const file = join(folder, 'report.html');
  const comparison = join(folder, 'compare.html');
  let browser: Browser;

  beforeAll(async () => {
    const outage = summarise(outageJournal());
    writeFileSync(file, renderHtml(outage));
    const runs = [outage, summarise(shortJournal({ probes: outagePlan.probes }))] as const;
    writeFileSync(comparison, renderComparisonHtml(compareRuns(runs, ['fragile', 'resilient']), runs));
    browser = await launchBrowser();
  });

  afterAll(async () => {
    await browser?.close();
    rmSync(folder, { recursive: true, force: true });
  });

  async function open(width: number, colorScheme: 'light' | 'dark', shown = file) {
    const page = await browser.newPage({ viewport: { width, height: 900 }, colorScheme });
    const complaints: string[] = [];
    const asked: string[] = [];
    page.on('console', (message) => complaints.push(message.text()));
    page.on('pageerror', (error) => complaints.push(String(error)));
    page.on('request', (request) => asked.push(request.url()));
    await page.goto(pathToFileURL(shown).href);
    return { page, complaints, asked };
  }

  test.each([
    [1200, 'light'],
    [1200, 'dark'],
    [390, 'light'],
    [390, 'dark'],
  ] as const)(
    'at %i px, %s: no complaint, no request but itself, no sideways scroll',
    async (width, scheme) => {
      const { page, complaints, asked } = await open(width, scheme);
      expect(complaints).toEqual([]);
      expect(asked).toEqual([pathToFileURL(file).href]);
      expect(await page.evaluate('document.documentElement.scrollWidth')).toBeLessThanOrEqual(width);
      expect(await visiblePictures(page)).toBe(3);
      await page.close();
    },
  );

  test.each(['light', 'dark'] as const)(
    'is legible in %s: text stands out from what is behind it',
    async (scheme) => {
      const { page } = await open(1200, scheme);
      const faint = await page.evaluate(CONTRAST);
      expect(faint).toEqual([]);
      await page.close();
    },
  );

  test.each(['light', 'dark'] as const)(
    'shows two runs on a phone in %s: no complaint, no sideways scroll, legible',
    async (scheme) => {
      const { page, complaints, asked } = await open(390, scheme, comparison);
      expect(complaints).toEqual([]);
      expect(asked).toEqual([pathToFileURL(comparison).href]);
      expect(await page.evaluate('document.documentElement.scrollWidth')).toBeLessThanOrEqual(390);
      expect(await visiblePictures(page)).toBe(2);
      expect(await page.evaluate(CONTRAST)).toEqual([]);
      await page.close();
    },
  );

  test('becomes a PDF without a window', async () => {
    const pdf = await writePdf(file, join(folder, 'report.pdf'));
    expect(readFileSync(pdf).subarray(0, 5).toString()).toBe('%PDF-');
    expect(readdirSync(folder).sort()).toEqual(['compare.html', 'report.html', 'report.pdf']);
  });

  test('shows the verdict, the times and the contents on the first screen', async () => {
    const { page } = await open(1200, 'light');
    for (const text of ['Aborted by safety', 'Time to recover', 'How it spread']) {
      const box = await page.getByText(text).first().boundingBox();
      expect(box!.y + box!.height, text).toBeLessThan(900);
    }
    await page.close();
  });

  test('prints on paper without cutting anything off', async () => {
    const { page } = await open(1200, 'dark');
    await page.emulateMedia({ media: 'print', colorScheme: 'dark' });
    expect(await page.evaluate('getComputedStyle(document.body).backgroundColor')).toBe('rgb(255, 255, 255)');
    const pdf = await page.pdf({ format: 'A4' });
    expect(pdf.subarray(0, 5).toString()).toBe('%PDF-');
    await page.close();
  });
});

describe('without a browser', () => {
  afterEach(() => vi.unstubAllEnvs());

  test('a PDF is refused in a sentence', async () => {
    vi.stubEnv('PATH', '/nowhere');
    await expect(writePdf('report.html', 'report.pdf')).rejects.toThrow(
      'There is no Chromium to print report.html with: install one (chromium, chromium-browser, google-chrome is looked for in PATH)',
    );
  });
});

async function visiblePictures(page: Page): Promise<number> {
  const pictures = await page.locator('[role=img]').all();
  const shown = await Promise.all(pictures.map((picture) => picture.isVisible()));
  return shown.filter(Boolean).length;
}

/** Texts whose contrast with their background is below 4.5 (WCAG 2, level AA), as the browser resolved the colours. */
const CONTRAST = `(() => {
  const channels = (color) => color.match(/[\\d.]+/g).map(Number);
  const light = (color) => {
    const [r, g, b] = channels(color).slice(0, 3).map((v) => v / 255)
      .map((v) => (v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4));
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const behind = (node) => {
    for (let at = node; at; at = at.parentElement) {
      const color = getComputedStyle(at).backgroundColor;
      if (color !== 'transparent' && channels(color)[3] !== 0) return color;
    }
    return 'rgb(255, 255, 255)';
  };
  const faint = new Set();
  for (const node of document.querySelectorAll('p, h1, h2, h3, dt, dd, li, td, th, a, span, text, code, figcaption')) {
    if (!node.textContent.trim() || node.closest('.hidden') || !node.getClientRects().length) continue;
    const style = getComputedStyle(node);
    const color = node.tagName === 'text' ? style.fill : style.color;
    const [a, b] = [light(color), light(behind(node))].sort((x, y) => y - x);
    if ((a + 0.05) / (b + 0.05) < 4.5) faint.add(node.tagName + ' ' + color + ' ' + node.textContent.trim().slice(0, 30));
  }
  return [...faint];
})()`;
