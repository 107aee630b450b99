import { defineConfig } from 'vitest/config';

// The server for the tests starts only for projects that name it: unit tests alone never wait for PostgreSQL.
const server = ['./test/database/server.ts'];

// In CI a test with sockets, processes or a browser that fails is run once more, and Vitest names it: machines there are
// shared, and a hiccup must not hide behind a red run, nor a fault behind a green one. Nothing is repeated elsewhere.
const retry = process.env.CI === 'true' ? 1 : 0;

export default defineConfig({
  test: {
    maxWorkers: 2,
    reporters: ['default', './test/closing-line.ts'],
    projects: [
      { test: { name: 'unit', include: ['{src,simulators}/**/*.test.ts', 'test/*.test.ts'], isolate: false } },
      {
        test: {
          name: 'database',
          retry,
          include: ['test/{database,contract,replay,features,fuzz}/**/*.test.ts'],
          globalSetup: server,
          testTimeout: 20_000,
          hookTimeout: 30_000,
        },
      },
      {
        test: {
          name: 'crash',
          retry,
          include: ['test/crash/**/*.test.ts'],
          globalSetup: server,
          testTimeout: 60_000,
          hookTimeout: 60_000,
          fileParallelism: false,
        },
      },
      {
        test: {
          name: 'browser',
          retry,
          include: ['test/browser/**/*.test.ts'],
          globalSetup: server,
          testTimeout: 60_000,
          hookTimeout: 60_000,
          fileParallelism: false,
        },
      },
    ],
  },
});
