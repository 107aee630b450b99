import { existsSync } from 'node:fs';
import { defineConfig } from 'vitest/config';
import { LongestFirst } from './test/longest-first.ts';

/** Where Debian puts the oldest PostgreSQL that Keystead runs on. */
const debian15 = '/usr/lib/postgresql/15/bin';

// The server for the tests starts only for projects that name it: unit tests alone never wait for PostgreSQL.
const server = ['./test/database/server.ts'];

// The tests of the database once more, on servers that are reached by URL: one's own, or those that this machine has.
const byUrl = (name: string) => ({
  test: {
    name,
    include: ['test/database/**/*.test.ts'],
    exclude: ['test/database/{supervise,boot,command-line}.test.ts'], // these are about the embedded server
    globalSetup: ['./test/database/foreign-server.ts'],
    testTimeout: 20_000,
    hookTimeout: 30_000,
  },
});
const own = process.env.TEST_DATABASE_URL !== undefined;
const reached = own ? ['by-url'] : ['by-url', ...(existsSync(`${debian15}/postgres`) ? ['by-url-15'] : [])];

export default defineConfig({
  test: {
    maxWorkers: 3, // of two cores: servers start, relays answer and pages load while somebody waits for them
    sequence: { sequencer: LongestFirst },
    reporters: ['default', './test/contract-tables.ts', './test/closing-line.ts'],
    projects: [
      {
        test: {
          name: 'unit',
          include: ['{src,simulators}/**/*.test.ts', 'test/*.test.ts', 'test/witnesses/*.test.ts'],
          isolate: false,
          testTimeout: 30_000, // some walk every minute of a year, on a machine that does other things too
        },
      },
      {
        test: {
          name: 'database',
          include: ['test/{database,contract,replay,features,fuzz}/**/*.test.ts'],
          globalSetup: server,
          testTimeout: 20_000,
          hookTimeout: 30_000,
        },
      },
      ...reached.map(byUrl),
      {
        test: {
          name: 'crash',
          include: ['test/crash/**/*.test.ts'],
          globalSetup: server,
          testTimeout: 60_000,
          hookTimeout: 60_000,
          maxConcurrency: 2,
        },
      },
      {
        test: {
          name: 'browser',
          include: ['test/browser/**/*.test.ts'],
          globalSetup: server,
          testTimeout: 60_000,
          hookTimeout: 60_000,
          fileParallelism: false, // after all others: pages are looked at with patience for a machine that does little else
        },
      },
    ],
  },
});
