import { resolve } from 'node:path';
import { expect, test } from 'vitest';
import { loadPlan } from '../../src/experiments/load.ts';
import { relocate } from './relocate.ts';

const root = resolve(import.meta.dirname, '../..');

test('an experiment moved to other ports has no address of the demo left but in its recorded text', () => {
  const { plan } = loadPlan({ file: resolve(root, 'experiments/openai-outage-cascade.yaml'), cwd: root });
  const moved = relocate(plan, 40);
  expect(moved.ports).toEqual({ postgres: 15471, redis: 16418, provider: 14051, platform: 13040 });
  expect(moved.plan.control).toBe('127.0.0.1:8514');
  expect(moved.plan.load!.target).toBe('http://127.0.0.1:13040');
  const { source, ...rest } = moved.plan;
  expect(source).toEqual(plan.source);
  expect(JSON.stringify(rest)).not.toMatch(/:(8474|13000|1401[01]|1543[12]|1637[89])\b/);
  expect(rest.steps).toEqual(plan.steps);
});
