import { defineConfig } from 'vitest/config';

// The server for the tests starts only for projects that name it: unit tests alone never wait for PostgreSQL.
const server = ['./test/database/server.ts'];

export default defineConfig({
  test: {
    maxWorkers: 2,
    reporters: ['default', './test/contract-tables.ts', './test/closing-line.ts'],
    projects: [
      { test: { name: 'unit', include: ['{src,simulators}/**/*.test.ts', 'test/*.test.ts'], isolate: false } },
      {
        test: {
          name: 'database',
          include: ['test/{database,contract,replay,features,fuzz}/**/*.test.ts'],
          globalSetup: server,
          testTimeout: 20_000,
          hookTimeout: 30_000,
        },
      },
      {
        test: {
          name: 'crash',
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
