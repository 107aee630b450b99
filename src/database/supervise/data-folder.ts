import { spawnSync } from 'node:child_process';
import {
  chownSync,
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  statSync,
  symlinkSync,
} from 'node:fs';
import path from 'node:path';
import { type Account, canEnter, identity } from './account.ts';
import type { Binaries } from './binaries.ts';
import { isCode, makeWhole } from './whole.ts';

/** The environment of PostgreSQL's programs: nothing of ours, so that no PG variable of the shell reaches them. */
export const serverEnvironment = { PATH: process.env.PATH ?? '', LANG: 'C', TZ: 'UTC' };

/**
 * The folder for the server's data: DATA_DIR/postgres; or, where the server's user cannot get there, a folder under `roof`
 * with a symlink of that name to it. The symlink is the record: it is made last, so a link that leads nowhere means that
 * data is missing, and then nothing is begun afresh.
 */
export function placeData(dataDir: string, account: Account | null, roof: string, log: (line: string) => void): string {
  mkdirSync(dataDir, { recursive: true });
  const wanted = path.join(realpathSync(dataDir), 'postgres');
  const there = lstatSync(wanted, { throwIfNoEntry: false });
  if (there?.isSymbolicLink() === true && !existsSync(wanted)) {
    throw new Error(
      `${wanted} is a link to a folder that is not there: mount or restore it, or remove the link to begin anew.`,
    );
  }
  if (there !== undefined) {
    const folder = realpathSync(wanted);
    if (account !== null && statSync(folder).uid === 0) chownSync(folder, account.uid, account.gid);
    return folder;
  }
  if (account === null || canEnter(path.dirname(wanted), account)) {
    mkdirSync(wanted, { recursive: true, mode: 0o700 });
    if (account !== null) chownSync(wanted, account.uid, account.gid);
    return realpathSync(wanted);
  }
  mkdirSync(path.join(roof, 'data'), { recursive: true, mode: 0o755 });
  const folder = realpathSync(mkdtempSync(path.join(roof, 'data', 'postgres-')));
  chownSync(folder, account.uid, account.gid);
  try {
    symlinkSync(folder, wanted);
  } catch (error) {
    rmSync(folder, { recursive: true });
    if (isCode(error, 'EEXIST')) return realpathSync(wanted); // another Keystead was faster
    throw error;
  }
  log(`The database lies in ${folder}: the user "${account.name}" cannot enter ${path.dirname(wanted)}.`);
  return folder;
}

/** Makes the database cluster if there is none, whole or not at all, and refuses one of another major version. */
export function makeCluster(folder: string, binaries: Binaries, account: Account | null): void {
  if (majorOf(folder) === null) {
    if (readdirSync(folder).length > 0)
      throw new Error(`${folder} holds something, but no PostgreSQL database: move it away.`);
    const made = makeWhole(folder, 0o700, (half) => {
      if (account !== null) chownSync(half, account.uid, account.gid);
      initialize(half, binaries, account);
    });
    // A mounted folder cannot be renamed into: there a kill in the middle leaves a half-made database.
    if (!made && majorOf(folder) === null) initialize(folder, binaries, account);
  }
  const major = majorOf(folder);
  if (major !== binaries.major) {
    throw new Error(
      `${folder} was made by PostgreSQL ${major}, and this is PostgreSQL ${binaries.major}: set POSTGRES_BIN to the bin folder of a PostgreSQL ${major}.`,
    );
  }
}

function majorOf(folder: string): number | null {
  try {
    return Number(readFileSync(path.join(folder, 'PG_VERSION'), 'utf8').trim());
  } catch (error) {
    if (isCode(error, 'ENOENT')) return null;
    throw error;
  }
}

function initialize(folder: string, binaries: Binaries, account: Account | null): void {
  // From 17 on text is compared by PostgreSQL itself: no update of the machine's C library can spoil an index.
  const locale =
    binaries.major >= 17
      ? ['--locale-provider=builtin', '--builtin-locale=C.UTF-8', '--locale=C']
      : ['--locale=C.UTF-8'];
  const run = spawnSync(
    path.join(binaries.folder, 'initdb'),
    ['-D', folder, '-U', 'keystead', '-E', 'UTF8', ...locale, '--data-checksums', '--auth=peer', '--no-instructions'],
    { ...identity(account), env: serverEnvironment, cwd: '/', encoding: 'utf8' },
  );
  if (run.status !== 0) throw new Error(`initdb failed: ${run.error?.message ?? run.stderr.trim()}`);
}
