import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import pg from 'pg';
import type { TestProject } from 'vitest/node';
import { silent } from '../../src/database/log.ts';
import { migrate } from '../../src/database/migrate.ts';
import { type Embedded, startEmbedded } from '../../src/database/supervise/start.ts';
import { systemClock } from '../../src/host/clock.ts';
import { clearAbandoned } from './abandoned.ts';

declare module 'vitest' {
  interface ProvidedContext {
    /** The server of this run; its database `template` is migrated, and for copying only; `database` is there already. */
    server: {
      host: string;
      port: number;
      user: string;
      password?: string;
      ssl: boolean;
      database: string;
      template: string;
    };
  }
}

type Shared = { users: number; running: Promise<{ server: Embedded; folder: string }> };

declare global {
  /** Every project loads this file anew; the server is one for all. */
  var keysteadTestServer: Shared | undefined;
}

/** Vitest's global setup: one embedded server for the run, one migrated database to copy. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  globalThis.keysteadTestServer ??= { users: 0, running: start() };
  const shared = globalThis.keysteadTestServer;
  shared.users += 1;
  const { server, folder } = await shared.running;
  const { host, port } = server.connection;
  const reached = { host: host ?? '', port: port ?? 5432, user: 'keystead', ssl: false, database: 'postgres' };
  project.provide('server', { ...reached, template: 'template' });
  return async () => {
    shared.users -= 1;
    if (shared.users > 0) return;
    globalThis.keysteadTestServer = undefined;
    await server.stop();
    rmSync(folder, { recursive: true, force: true });
  };
}

async function start(): Promise<{ server: Embedded; folder: string }> {
  await clearAbandoned('keystead-test-');
  const folder = mkdtempSync(path.join(os.tmpdir(), 'keystead-test-'));
  chmodSync(folder, 0o755);
  const server = await startEmbedded({
    dataDir: folder,
    postgresBin: null,
    account: 'nobody',
    clock: systemClock,
    // tests of power cuts start servers of their own; several files at once, each with servers of several processes
    settings: { fsync: 'off', full_page_writes: 'off', max_connections: '500' },
  });
  const client = new pg.Client(server.connection);
  await client.connect();
  await client.query('create database template');
  await migrate({ connection: { ...server.connection, database: 'template' }, log: silent });
  await client.query('alter database template with allow_connections false'); // a visitor would be in the way of copies
  await client.end();
  return { server, folder };
}
