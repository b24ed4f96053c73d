import { defineConfig } from 'vitest/config';
import { WxtVitest } from 'wxt/testing/vitest-plugin';

export default defineConfig({
  test: {
    // Most of a test is waiting for real programs.
    maxWorkers: 2,
    projects: [
      {
        test: {
          name: 'node',
          include: ['tests/*.test.ts', 'tests/{protocol,lib,server,hub,scripts}/**/*.test.ts'],
          testTimeout: 60_000,
          hookTimeout: 60_000,
        },
      },
      {
        plugins: [WxtVitest()],
        test: {
          name: 'extension',
          setupFiles: ['tests/catalogue.ts'],
          include: ['tests/{components,extension}/**/*.test.{ts,tsx}'],
        },
      },
      {
        test: {
          name: 'e2e',
          include: ['tests/e2e/**/*.test.ts'],
          testTimeout: 120_000,
          hookTimeout: 180_000,
        },
      },
      {
        // The server's tests again, on Postgres.
        test: {
          name: 'postgres',
          include: ['tests/server/**/*.test.ts'],
          globalSetup: 'tests/server/support/postgres-project.ts',
          testTimeout: 60_000,
          hookTimeout: 60_000,
        },
      },
      {
        test: {
          name: 'long',
          include: ['tests/long/**/*.test.ts'],
          testTimeout: 600_000,
          hookTimeout: 180_000,
        },
      },
    ],
  },
});
