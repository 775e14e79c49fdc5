import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { loadPlan } from '../../src/experiments/load.ts';

const path = (name: string) => fileURLToPath(new URL(`../../experiments/${name}`, import.meta.url));

test('the demo has limits of its own, so that its whole cascade is seen; elsewhere degradation ends a run', () => {
  const file = path('openai-outage-cascade.yaml');
  expect(loadPlan({ file, limits: path('limits/demo.yaml') }).limits.monitor.falseAbort).toBe(0);
  expect(loadPlan({ file }).limits.monitor.falseAbort).toBe(0.001);
});
