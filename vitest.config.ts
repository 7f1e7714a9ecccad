import { defineConfig } from 'vitest/config';

/** Tests that run the built server as a process of its own. */
const PROCESSES = ['test/e2e/**/*.test.ts', 'test/conformance/**/*.test.ts'];

export default defineConfig({
  test: {
    projects: [
      {
        test: {
          name: 'unit',
          include: ['src/**/*.test.ts', 'test/**/*.test.ts'],
          exclude: PROCESSES,
          testTimeout: 30_000,
        },
      },
      {
        test: {
          name: 'e2e',
          include: PROCESSES,
          globalSetup: 'test/support/build.ts',
          testTimeout: 60_000,
          hookTimeout: 60_000,
        },
      },
    ],
  },
});
