import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import {
  chmodSync,
  chownSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import pg from 'pg';
import type { TestProject } from 'vitest/node';
import { silent } from '../../src/database/log.ts';
import { migrate } from '../../src/database/migrate.ts';
import { identity, serverAccount } from '../../src/database/supervise/account.ts';
import { findBinaries } from '../../src/database/supervise/binaries.ts';
import { serverEnvironment } from '../../src/database/supervise/data-folder.ts';
import { isAlive } from '../../src/database/supervise/whole.ts';
import { systemClock } from '../../src/host/clock.ts';
import { freePort } from '../support/free-port.ts';

/** As in vitest.config.ts: the oldest PostgreSQL that Keystead runs on. */
const debian15 = '/usr/lib/postgresql/15/bin';
const prefix = 'keystead-foreign-';
/** With what a URL has to escape. */
const password = 'p@ss/word: 50% #1?';

/**
 * Vitest's global setup for the projects that reach their server by URL: over TCP, with a password, as an ordinary user who
 * may make databases and nothing else. TEST_DATABASE_URL names a server of one's own; without it one is started, of
 * Debian's PostgreSQL 15 or of the one that comes with Keystead.
 */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const given = process.env.TEST_DATABASE_URL;
  const started = given === undefined ? await start(project.name.endsWith('15') ? debian15 : null) : null;
  const server = started?.server ?? serverAt(given ?? '');
  const template = `keystead_template_${process.pid}_${project.name.replaceAll(/\W/g, '_')}`;
  const admin = new pg.Client(server);
  await admin.connect();
  await admin.query(`drop database if exists ${template}`);
  await admin.query(`create database ${template} template template0 encoding 'UTF8'`);
  await migrate({ connection: { ...server, database: template }, log: silent });
  project.provide('server', { ...server, template });
  return async () => {
    await admin.query(`drop database if exists ${template}`);
    await admin.end();
    await started?.stop();
  };
}

type Server = { host: string; port: number; user: string; password: string; ssl: boolean; database: string };

function serverAt(text: string): Server {
  const url = new URL(text);
  return {
    host: decodeURIComponent(url.hostname),
    port: Number(url.port || 5432),
    user: decodeURIComponent(url.username),
    password: decodeURIComponent(url.password),
    ssl: !['', 'disable', 'allow', 'prefer'].includes(url.searchParams.get('sslmode') ?? ''),
    database: decodeURIComponent(url.pathname.slice(1)) || 'postgres',
  };
}

async function start(postgresBin: string | null): Promise<{ server: Server; stop(): Promise<void> }> {
  clearAbandoned();
  const account = serverAccount('nobody');
  const folder = mkdtempSync(path.join(os.tmpdir(), prefix));
  chmodSync(folder, 0o755);
  const binaries = findBinaries({ postgresBin, account, copies: folder });
  const secret = path.join(folder, 'password');
  writeFileSync(secret, password);
  writeFileSync(path.join(folder, 'owner'), String(process.pid));
  if (account !== null) for (const one of [folder, secret]) chownSync(one, account.uid, account.gid);
  const data = path.join(folder, 'data');
  const as = { ...identity(account), env: serverEnvironment, cwd: '/' };
  const made = spawnSync(
    path.join(binaries.folder, 'initdb'),
    ['-D', data, '-U', 'admin', '-E', 'UTF8', '--locale=C.UTF-8', '--auth=scram-sha-256', `--pwfile=${secret}`],
    { ...as, encoding: 'utf8' },
  );
  if (made.status !== 0) throw new Error(`initdb failed: ${made.stderr}`);
  const port = await freePort();
  const settings = ['listen_addresses=127.0.0.1', 'unix_socket_directories=', 'fsync=off', 'max_connections=200'];
  const child = spawn(
    path.join(binaries.folder, 'postgres'),
    ['-D', data, '-p', String(port), ...settings.flatMap((one) => ['-c', one])],
    { ...as, stdio: 'ignore' },
  );
  const ended = once(child, 'exit');
  const admin = { host: '127.0.0.1', port, user: 'admin', password, ssl: false, database: 'postgres' };
  await answered(admin, child);
  const client = new pg.Client(admin);
  await client.connect();
  await client.query(`create role "guest@home" login createdb password '${password}'`);
  await client.end();
  return {
    server: { ...admin, user: 'guest@home' },
    async stop() {
      child.kill('SIGINT');
      await ended;
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

async function answered(server: Server, child: ChildProcess): Promise<void> {
  for (let tries = 0; tries < 300; tries++) {
    if (child.exitCode !== null) throw new Error('The PostgreSQL for the tests ended at once');
    const client = new pg.Client(server);
    client.on('error', () => undefined);
    try {
      await client.connect();
      await client.end();
      return;
    } catch {
      await systemClock.sleep(100);
    }
  }
  throw new Error('The PostgreSQL for the tests does not answer');
}

/** Ends the servers of test runs that were killed. */
function clearAbandoned(): void {
  for (const name of readdirSync(os.tmpdir())) {
    const folder = path.join(os.tmpdir(), name);
    const owner = path.join(folder, 'owner');
    if (!name.startsWith(prefix) || !existsSync(owner) || isAlive(Number(readFileSync(owner, 'utf8')))) continue;
    const lock = path.join(folder, 'data', 'postmaster.pid');
    const pid = existsSync(lock) ? Number(readFileSync(lock, 'utf8').split('\n')[0]) : 0;
    if (pid > 0 && isAlive(pid)) process.kill(pid, 'SIGQUIT');
    rmSync(folder, { recursive: true, force: true });
  }
}
