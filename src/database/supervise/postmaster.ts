import { type ChildProcess, spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  chownSync,
  lstatSync,
  mkdirSync,
  readFileSync,
  readlinkSync,
  realpathSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { Socket } from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { type Account, identity } from './account.ts';
import type { Binaries } from './binaries.ts';
import { serverEnvironment } from './data-folder.ts';
import { isAlive } from './whole.ts';

export type Postmaster = {
  child: ChildProcess;
  /** False once it has ended or could not be started. */
  running(): boolean;
  /** The last lines it wrote. */
  tail(): string;
};

export type PostmasterOptions = {
  binaries: Binaries;
  folder: string;
  socket: string;
  account: Account | null;
  /** The user that Keystead runs as, the only one let in. */
  user: string;
  settings: Readonly<Record<string, string>>;
  log: (line: string) => void;
};

const settings = {
  listen_addresses: '',
  unix_socket_permissions: '0700',
  max_connections: '200',
  fsync: 'on',
  full_page_writes: 'on',
  synchronous_commit: 'on',
  jit: 'off',
};

/**
 * Starts the server of one folder. Only the user who runs Keystead gets in, over the socket, as the owner of the database.
 * In a session of its own, so that Ctrl-C reaches Keystead first.
 */
export function startPostmaster(o: PostmasterOptions): Postmaster {
  writeFileSync(path.join(o.folder, 'pg_hba.conf'), 'local all keystead peer map=owner\n');
  writeFileSync(path.join(o.folder, 'pg_ident.conf'), `owner "${o.user}" keystead\n`);
  const flags = Object.entries({ ...settings, ...o.settings }).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
  const child = spawn(
    path.join(o.binaries.folder, 'postgres'),
    ['-D', o.folder, '-k', o.socket, '-p', '5432', ...flags],
    { ...identity(o.account), env: serverEnvironment, cwd: '/', detached: true, stdio: ['ignore', 'ignore', 'pipe'] },
  );
  let ended = false;
  let tail = '';
  child.on('error', (error) => {
    ended = true;
    tail += error.message;
  });
  child.on('close', () => {
    ended = true; // and all it wrote was read
  });
  child.stderr.on('data', (chunk: Buffer) => {
    const text = chunk.toString();
    tail = (tail + text).slice(-4000);
    for (const line of text.split('\n')) if (line !== '') o.log(line);
  });
  child.unref();
  if (child.stderr instanceof Socket) child.stderr.unref();
  return {
    child,
    running: () => !ended,
    tail: () => tail,
  };
}

/** What postmaster.pid says of a server that runs this folder; null when there is none, whatever the file says. */
export function livePostmaster(folder: string): { pid: number; socket: string } | null {
  try {
    const lines = readFileSync(path.join(folder, 'postmaster.pid'), 'utf8').split('\n');
    const pid = Number(lines[0]);
    if (!Number.isInteger(pid) || pid <= 0 || !isAlive(pid)) return null;
    // A number may have been given to another process since: a postmaster stands in its folder.
    if (process.platform === 'linux' && readlinkSync(`/proc/${pid}/cwd`) !== realpathSync(folder)) return null;
    return { pid, socket: lines[4]?.trim() ?? '' };
  } catch {
    return null;
  }
}

/**
 * After a crash of the machine or container the number in a lock file may be that of some other process of the same user (or
 * of a dead one that nobody has collected), and PostgreSQL would never start again. The lock files can go: its shared memory
 * alone keeps two servers off one folder.
 */
export function forgetStaleLocks(folder: string, socket: string): void {
  if (process.platform !== 'linux' || livePostmaster(folder) !== null) return;
  rmSync(path.join(folder, 'postmaster.pid'), { force: true });
  rmSync(path.join(socket, '.s.PGSQL.5432.lock'), { force: true });
}

/** A socket's path may have 107 bytes (103 on macOS): a deep data folder gets its socket in the folder for temporary files. */
export function socketFolder(folder: string, account: Account | null): string {
  if (Buffer.byteLength(folder) < 80) return folder;
  const name = `keystead-${createHash('sha256').update(folder).digest('hex').slice(0, 16)}`;
  const socket = path.join(os.tmpdir(), name);
  mkdirSync(socket, { recursive: true, mode: 0o700 });
  const there = lstatSync(socket); // somebody else may have made it before, to pretend to be the database
  if (!there.isDirectory() || ![process.getuid?.(), account?.uid].includes(there.uid) || (there.mode & 0o077) !== 0) {
    throw new Error(`${socket} is not a private folder of the user who runs the database: remove it.`);
  }
  if (account !== null) chownSync(socket, account.uid, account.gid);
  return socket;
}
