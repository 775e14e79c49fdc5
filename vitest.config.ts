import { defineConfig } from 'vitest/config';

/** Play whole outages against the clock: nothing else may run beside one. */
const ALONE = ['test/e2e/demo.test.ts', 'test/e2e/experiments.test.ts'];

const shared = {
  testTimeout: 60_000,
  hookTimeout: 60_000,
  // Most tests wait for real services, leases and time limits, so that two cores carry four.
  maxWorkers: 4,
  isolate: false,
};

export default defineConfig({
  test: {
    globalSetup: './test/support/compile.ts',
    projects: [
      {
        test: {
          ...shared,
          name: 'all',
          include: ['test/**/*.test.ts'],
          exclude: ALONE,
          sequence: { groupOrder: 0 },
        },
      },
      { test: { ...shared, name: 'demo', include: ALONE, maxWorkers: 1, sequence: { groupOrder: 1 } } },
    ],
  },
});
