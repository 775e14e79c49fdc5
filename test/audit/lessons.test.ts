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

  test('belong to one check each', () => expect(new Set(placed).size).toBe(placed.length));
});
