import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import type { JournalEvent } from '../../src/core/journal.ts';
import { type Comparison, compareRuns } from '../../src/report/compare/comparison.ts';
import { renderComparisonHtml } from '../../src/report/compare/html.ts';
import { renderComparisonMarkdown } from '../../src/report/compare/markdown.ts';
import { summarise, writeComparison } from '../../src/report/index.ts';
import { outageJournal, outagePlan } from '../support/outage-journal.ts';
import { shortJournal } from '../support/short-journal.ts';

/** The outage as a system that is made for it would have taken it. */
const calm = shortJournal({ plan: { probes: outagePlan.probes, seed: 7 }, probes: outagePlan.probes });
const runs = [summarise(outageJournal()), summarise(calm)] as const;
const comparison = compareRuns(runs, ['fragile', 'resilient']);
const measure = (name: string, of: Comparison = comparison) => of.measures.find((one) => one.name === name);

describe('two runs held against each other', () => {
  test('have the same figures side by side, and which of the two is better', () => {
    expect(measure('Verdict')).toMatchObject({ told: ['aborted', 'held'], better: 1 });
    expect(measure('Availability under faults')).toMatchObject({
      values: [expect.any(Number), 1],
      better: 1,
    });
    expect(measure('Requests lost')!.told[0]).toMatch(/^1,512 of 4,362 \(34\.7%\)$/);
    expect(measure('Time to recover')).toMatchObject({ told: ['12.3 s', '4 s'], better: 1 });
    expect(comparison.headline).toBe(
      'Resilient was better in verdict (held against aborted), availability under faults (100% against 83.6%), requests lost (0 of 300 (0%) against 1,512 of 4,362 (34.7%)) and 4 more.',
    );
  });

  test('have their availability probe by probe, before, under and after the faults', () => {
    const read = comparison.probes.find(({ probe }) => probe === 'read-workspace')!;
    expect(read.before).toEqual([1, 1]);
    expect(read.during[0]).toBeLessThan(0.9);
    expect(read.during[1]).toBe(1);
  });

  test('have the lessons of each, matched', () => {
    const cascade = comparison.lessons.find(({ id }) => id === 'cascade')!;
    expect(cascade.told[0]).toMatchObject({ severity: 'critical' });
    expect(cascade.told[1]).toBeNull();
  });

  test('say what is not the same about them', () => {
    expect(comparison.differences).toContain('seed: 42 in fragile, 7 in resilient');
    expect(comparison.differences.some((text) => text.startsWith('requests counted by: the load'))).toBe(
      true,
    );
    expect(compareRuns([runs[0], runs[0]], ['a', 'b'])).toMatchObject({
      differences: [],
      headline: 'No difference was seen between a and b.',
    });
  });

  test('call a run that never recovered worse than one that took long', () => {
    const never = summarise(shortJournal({ recovery: 'never', probes: outagePlan.probes }));
    const found = measure('Time to recover', compareRuns([runs[1], never], ['a', 'b']));
    expect(found).toMatchObject({ told: ['4 s', 'not in time'], better: 0 });
  });

  test('are drawn on the same scales', () => {
    const page = renderComparisonHtml(comparison, runs);
    const ticks = [...page.matchAll(/<svg[\s\S]*?<\/svg>/g)].map(([picture]) =>
      [...picture.matchAll(/<text (?![^>]*--fault)[^>]*>([^<]*)<\/text>/g)]
        .map(([, text]) => text!)
        .filter((text) => /^[\d.,]+( m?s)?$|^[+−]\d+ s$/.test(text)),
    );
    expect(ticks).toHaveLength(2);
    expect(ticks[0]!.length).toBeGreaterThan(10);
    expect(ticks[1]).toEqual(ticks[0]);
  });

  test('are told in Markdown', () => {
    const page = renderComparisonMarkdown(comparison);
    expect(page).toContain('# fragile against resilient: openai-outage-cascade');
    expect(page).toContain('| Availability under faults |');
    expect(page).toContain('- Not the same: seed: 42 in fragile, 7 in resilient');
  });

  test('let no markup of a journal or of a name through', () => {
    const attack = '<img src=x onerror=alert(1)>';
    const page = renderComparisonHtml(compareRuns(runs, [attack, 'b']), runs);
    expect(page).not.toContain('<img');
  });
});

describe('the files of a comparison', () => {
  const folder = mkdtempSync(join(tmpdir(), 'faultline-compare-'));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));
  const put = (name: string, journal: readonly JournalEvent[]) => {
    mkdirSync(join(folder, name));
    writeFileSync(
      join(folder, name, 'journal.jsonl'),
      journal.map((event) => JSON.stringify(event)).join('\n'),
    );
    return join(folder, name);
  };
  const both = [put('one', outageJournal()), put('two', calm)] as const;
  const out = join(folder, 'out', 'deep');

  test('are three, for their owner only', () => {
    const { html } = writeComparison({ runs: both, names: ['fragile', 'resilient'], out });
    expect(html).toBe(join(out, 'compare.html'));
    expect(readdirSync(out).sort()).toEqual(['compare.html', 'compare.json', 'compare.md']);
    for (const name of readdirSync(out)) expect(statSync(join(out, name)).mode & 0o077).toBe(0);
    expect(JSON.parse(readFileSync(join(out, 'compare.json'), 'utf8'))).toMatchObject({
      version: 1,
      sides: [{ name: 'fragile' }, { name: 'resilient' }],
    });
  });

  test('are refused for runs of different experiments, unless that is forced', () => {
    const other = put('other', shortJournal({ plan: { name: 'redis-latency' } }));
    const names = ['a', 'b'] as const;
    expect(() => writeComparison({ runs: [both[0], other], names, out })).toThrow(
      /a run of "openai-outage-cascade", the second of "redis-latency"\. Give --force/,
    );
    const { comparison: forced } = writeComparison({ runs: [both[0], other], names, out, force: true });
    expect(forced.differences[0]).toBe('experiment: openai-outage-cascade in a, redis-latency in b');
  });
});
