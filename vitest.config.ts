import { defineConfig } from 'vitest/config';

/** Plays whole outages against the clock, one after the other. */
const OUTAGES = ['test/e2e/outages.test.ts'];

/** What starts few programs or none: goes on beside the outages, at a lower priority. */
const UNITS = [
  'test/*.test.ts',
  'test/{core,deploy,faults,lessons,matrix,notify,probes,protocols,proxy,report,safety,schedule,scripts}/**/*.test.ts',
];

const shared = {
  testTimeout: 60_000,
  hookTimeout: 60_000,
  isolate: false,
};

export default defineConfig({
  test: {
    globalSetup: './test/support/compile.ts',
    projects: [
      {
        test: {
          ...shared,
          name: 'programs',
          include: ['test/**/*.test.ts'],
          exclude: [...OUTAGES, ...UNITS],
          // They wait for real services, leases and time limits for half of their time: two cores carry three, and no more.
          maxWorkers: 3,
          sequence: { groupOrder: 0 },
        },
      },
      { test: { ...shared, name: 'outages', include: OUTAGES, maxWorkers: 2, sequence: { groupOrder: 1 } } },
      {
        test: {
          ...shared,
          name: 'units',
          include: UNITS,
          setupFiles: './test/support/low-priority.ts',
          maxWorkers: 2,
          sequence: { groupOrder: 1 },
        },
      },
    ],
  },
});
