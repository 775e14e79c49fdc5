import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    testTimeout: 30_000,
    hookTimeout: 60_000,
    // Real services and real sockets share two cores: more workers only make them wait for each other.
    maxWorkers: 2,
  },
});
