import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { CHECK_IDS, CHECKS } from '../../src/audit/catalogue.ts';
import { LESSONS } from '../../src/lessons/index.ts';

const placed = CHECK_IDS.flatMap((check) => Object.keys(CHECKS[check].lessons));

describe('the lessons that checks are answered by', () => {
  test('all have a detector', () => {
    const detectors = LESSONS.map(({ id }) => id);
    expect(placed.length).toBeGreaterThan(8);
    expect(placed.filter((id) => !detectors.includes(id))).toEqual([]);
  });

  test('stand in docs/audit.md in the row of their check, and nothing else does', () => {
    const docs = readFileSync(new URL('../../docs/audit.md', import.meta.url), 'utf8');
    const row = (check: string) =>
      docs.split('\n').findLast((line) => line.startsWith(`| \`${check}\` |`)) ?? '';
    const told = (check: string) => [...row(check).matchAll(/`([\w-]+)`/g)].slice(1).map(([, id]) => id);
    for (const check of CHECK_IDS) expect(told(check), check).toEqual(Object.keys(CHECKS[check].lessons));
  });

  test('belong to one check each', () => expect(new Set(placed).size).toBe(placed.length));
});
