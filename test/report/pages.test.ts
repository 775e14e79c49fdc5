import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import type { JournalEvent } from '../../src/core/journal.ts';
import { renderHtml, renderMarkdown, summarise, writeReports } from '../../src/report/index.ts';
import { thin } from '../../src/report/sections/series.ts';
import { outageJournal, outagePlan } from '../support/outage-journal.ts';
import { shortJournal } from '../support/short-journal.ts';

const outage = outageJournal();
const page = renderHtml(summarise(outage));

/** Puts a text into every string of a journal that is not a type, a time or a name that joins events. */
function infest(value: unknown, text: string, key = ''): unknown {
  const kept = [
    'type',
    't',
    'instance',
    'cause',
    'verdict',
    'measure',
    'operator',
    'kind',
    'protocol',
    'latency',
  ];
  if (typeof value === 'string') return kept.includes(key) || value === '' ? value : `${value}${text}`;
  if (Array.isArray(value)) return value.map((item) => infest(item, text, key));
  if (value === null || typeof value !== 'object') return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, item]) => [
      key === 'proxies' || key === 'status' || key === 'skipped' ? `${name}${text}` : name,
      infest(item, text, name),
    ]),
  );
}

const ATTACKS = [
  '<script>alert(1)</script>',
  '"><img src=x onerror=alert(1)>',
  "' onmouseover='alert(1)",
  '</style><svg onload=alert(1)>',
  ']]></title><iframe src=//evil.example>',
];

describe('the HTML report', () => {
  test('asks for nothing: no script, no link to a file, no address outside the text', () => {
    expect(page).not.toMatch(/<script|<link|<img|<iframe|<object|<use |@import|url\((?!#)/i);
    expect(page).not.toMatch(/\s(?:src|srcset|xlink:href|action|poster)=/i);
    for (const [, href] of page.matchAll(/href="([^"]*)"/g)) expect(href).toMatch(/^#/);
    expect(page).toContain("default-src 'none'");
  });

  test.each(ATTACKS)('shows %s as text, wherever the journal holds it', (attack) => {
    const infested = infest(outage, attack) as JournalEvent[];
    const html = renderHtml(summarise(infested));
    const tags = [...html.matchAll(/<\/?([a-z][a-z0-9:-]*)/gi)].map(([, tag]) => tag!.toLowerCase());
    for (const tag of ['script', 'img', 'iframe', 'object', 'embed', 'form']) expect(tags).not.toContain(tag);
    expect(tags.filter((tag) => tag === 'style')).toHaveLength(2);
    // Within any tag, outside quoted values, nothing listens to an event.
    for (const [tag] of html.matchAll(/<[a-z][^>]*>/gi))
      expect(tag.replace(/"[^"]*"/g, '""')).not.toMatch(/\son\w+\s*=/i);
  });

  test('has a text alternative for each picture, and each section its heading', () => {
    const pictures = [...page.matchAll(/role="img" aria-label="([^"]+)"/g)];
    expect(pictures).toHaveLength(6);
    for (const [, alternative] of pictures) expect(alternative!.length).toBeGreaterThan(60);
    expect(page.match(/<section /g)?.length).toBe(page.match(/<h2>/g)?.length);
    expect(page.match(/<svg /g)).toHaveLength(6);
  });

  test('has no name twice', () => {
    const ids = [...page.matchAll(/\sid="([^"]+)"/g)].map(([, id]) => id);
    expect(new Set(ids).size).toBe(ids.length);
  });

  test('paints with the page’s colours only, so that light and dark both work', () => {
    const svg = [...page.matchAll(/<svg[\s\S]*?<\/svg>/g)].map(([picture]) => picture).join('');
    const paints = [...svg.matchAll(/(?:fill|stroke)="([^"]+)"/g)].map(([, color]) => color!);
    const own = paints.filter((color) => !/^(none|transparent|var\(--[a-z]+\))$/.test(color));
    // A clip is black whatever the page, and not seen.
    expect(new Set(own)).toEqual(new Set(['#000']));
  });

  test('is the same whenever it is made', () => {
    expect(renderHtml(summarise(outageJournal()))).toBe(page);
  });

  test('stays below a megabyte for half an hour of samples', () => {
    const probe = outagePlan.probes[2]!;
    const probes = Array.from({ length: 8 }, (_, index) => ({ ...probe, name: `probe-${index}` }));
    const samples = (at: number) => ({ ms: 20 + ((at * 7) % 900), ok: at % 11 !== 0, status: 200 });
    const long = shortJournal({
      probes: probes.map((one) => ({ ...one, everyMs: 40 })),
      sample: (_, since) => samples(Math.abs(since)),
    });
    expect(long.length).toBeGreaterThan(13_000);
    expect(renderHtml(summarise(long)).length).toBeLessThan(1_000_000);
  });
});

describe('points', () => {
  test('are thinned without losing the lowest and the highest', () => {
    const points = Array.from(
      { length: 10_000 },
      (_, index) => [index, index === 7777 ? 999 : index % 5] as const,
    );
    const kept = thin(points, 100);
    expect(kept.length).toBeLessThanOrEqual(100);
    expect(kept).toContainEqual([7777, 999]);
    expect(kept.map(([s]) => s)).toEqual([...kept.map(([s]) => s)].sort((a, b) => a - b));
  });
});

describe('the Markdown report', () => {
  test('has the sections of the page', () => {
    const markdown = renderMarkdown(summarise(outage));
    for (const heading of [
      '# OpenAI goes dark',
      '## How it spread',
      '## What the run teaches',
      '## Hypothesis against what was seen',
      '## Proof of injection',
      '## Rollback, and its proof',
      '## Safety limits and their margin',
      '## Timeline',
      '## The experiment',
    ])
      expect(markdown.split('\n')).toContain(heading);
  });

  test.each([...ATTACKS, '\n# not a heading', '|cell|', '[link](https://evil.example)', '![x](y)'])(
    'lets no markup of a journal through: %j',
    (attack) => {
      const markdown = renderMarkdown(summarise(infest(outage, attack) as JournalEvent[]));
      const prose = markdown.slice(0, markdown.lastIndexOf('```yaml'));
      expect(prose).not.toMatch(/<[a-z/!]/i);
      expect(prose).not.toMatch(/(?<!\\)\[link(?<!\\)\]/);
      expect(prose).not.toMatch(/^# not a heading/m);
      const rows = prose.split('\n').filter((line) => line.startsWith('|'));
      const cells = (row: string) => row.split(/(?<!\\)\|/).length;
      expect(rows.filter((row) => cells(row) < 5)).toEqual([]);
    },
  );

  test('fences an experiment that holds fences itself', () => {
    const told = outage.map(
      (event): JournalEvent =>
        event.type === 'run-started'
          ? {
              ...event,
              plan: { ...event.plan, source: { ...event.plan.source, text: 'a: |\n  ```\n  ````\n' } },
            }
          : event,
    );
    expect(renderMarkdown(summarise(told))).toContain('`````yaml\na: |');
  });
});

describe('the files', () => {
  const folder = mkdtempSync(join(tmpdir(), 'faultline-report-'));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  test('are written beside the journal, for their owner only, and whole', () => {
    const lines = outage.map((event) => JSON.stringify(event));
    // A torn last line is what a killed writer leaves.
    writeFileSync(join(folder, 'journal.jsonl'), `${lines.join('\n')}\n{"v":1,"n":99`);
    writeFileSync(join(folder, 'report.html'), 'an older report');
    const written = writeReports(folder);
    expect(readdirSync(folder).sort()).toEqual([
      'journal.jsonl',
      'report.html',
      'report.json',
      'report.junit.xml',
      'report.md',
    ]);
    expect(readFileSync(written.html, 'utf8')).toBe(page);
    expect(JSON.parse(readFileSync(written.json, 'utf8'))).toEqual(
      JSON.parse(JSON.stringify(summarise(outage))),
    );
    for (const path of Object.values(written)) expect(statSync(path).mode & 0o077).toBe(0);
  });

  test('are not written where there is no journal', () => {
    expect(() => writeReports(join(folder, 'nowhere'))).toThrow(/ENOENT/);
  });
});
