import { readdirSync } from 'node:fs';
import { resolve } from 'node:path';
import { describe, expect, test } from 'vitest';
import { loadPlan } from '../../src/experiments/load.ts';
import { LESSONS } from '../../src/lessons/index.ts';
import { PATTERN_NAMES } from '../../src/sandbox/index.ts';
import { EXPERIMENTS } from './catalogue.ts';
import { EVERYWHERE, WEAKNESSES } from './weaknesses.ts';

const root = resolve(import.meta.dirname, '../..');
const lessons = LESSONS.map(({ id }) => id);

describe('the table of weaknesses', () => {
  test('has a dozen, and the whole resilient build under each of their experiments', () => {
    const known = WEAKNESSES.filter(({ without }) => without.length > 0);
    expect(known.length).toBeGreaterThanOrEqual(12);
    const controls = WEAKNESSES.filter(({ without }) => without.length === 0);
    expect(controls.map(({ experiment }) => experiment).sort()).toEqual(
      [...new Set(known.map(({ experiment }) => experiment))].sort(),
    );
  });

  test.each(WEAKNESSES)('$name, $experiment: names what there is', (weakness) => {
    const { without, experiment, expected, alsoAllowed, contradicted } = weakness;
    expect(PATTERN_NAMES).toEqual(expect.arrayContaining([...without]));
    expect(EXPERIMENTS).toContain(experiment);
    const ids = [...expected, ...contradicted, ...[...alsoAllowed, ...EVERYWHERE].map(({ id }) => id)];
    expect(lessons).toEqual(expect.arrayContaining(ids));
  });
});

test('every experiment that ships is played by the matrix, and is valid under the limits of the sandbox', () => {
  const files = readdirSync(resolve(root, 'experiments')).filter((name) => name.endsWith('.yaml'));
  expect(files.map((name) => name.replace('.yaml', '')).sort()).toEqual([...EXPERIMENTS].sort());
  for (const name of files) {
    const { plan } = loadPlan({
      file: resolve(root, 'experiments', name),
      limits: resolve(root, 'experiments/limits/sandbox.yaml'),
      cwd: root,
    });
    expect(`${plan.name}.yaml`).toBe(name);
  }
});
