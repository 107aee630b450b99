import { spawnSync } from 'node:child_process';
import { statSync } from 'node:fs';

/** The user that runs the server when Keystead itself is root; PostgreSQL refuses to be root. */
export type Account = { uid: number; gid: number; name: string };

/** Null when Keystead is not root: then the server runs as the same user. Throws when there is no such user. */
export function serverAccount(name: string): Account | null {
  if (process.getuid?.() !== 0) return null;
  const account = lookUp(name);
  if (account === null) {
    throw new Error(`PostgreSQL does not run as root, and there is no user "${name}": set POSTGRES_ACCOUNT to one.`);
  }
  if (account.uid === 0) throw new Error('PostgreSQL does not run as root: set POSTGRES_ACCOUNT to an ordinary user.');
  return account;
}

/**
 * A database that exists is run by its owner: PostgreSQL accepts nobody else. So root may take over what an ordinary user
 * began, and a changed POSTGRES_ACCOUNT does not lock the database out.
 */
export function ownerOf(folder: string, account: Account | null): Account | null {
  const { uid } = statSync(folder);
  if (account === null) {
    if (uid === process.getuid?.()) return null;
    throw new Error(
      `${folder} belongs to ${lookUp(String(uid))?.name ?? `user ${uid}`}: start Keystead as that user or as root.`,
    );
  }
  if (uid === account.uid || uid === 0) return account;
  const owner = lookUp(String(uid));
  if (owner === null) throw new Error(`${folder} belongs to user ${uid}, which this machine does not know.`);
  return owner;
}

/** The user as whom this process is seen on the socket. */
export function ownName(): string {
  const own = lookUp(String(process.getuid?.() ?? ''));
  if (own !== null) return own.name;
  throw new Error('PostgreSQL needs a user with a name: the one that runs Keystead has no entry in /etc/passwd.');
}

export function identity(account: Account | null): { uid?: number; gid?: number } {
  return account === null ? {} : { uid: account.uid, gid: account.gid };
}

/** Tried, not reckoned from modes: every folder above counts, and so do access lists and mounts. */
export function canEnter(folder: string, account: Account | null): boolean {
  return spawnSync('/bin/sh', ['-c', 'cd "$0"', folder], { ...identity(account), cwd: '/' }).status === 0;
}

/** By `id`, which knows every source of users, on Linux and macOS. */
function lookUp(user: string): Account | null {
  const ask = (flag: string) => spawnSync('id', [flag, user], { encoding: 'utf8' });
  const [uid, gid, name] = [ask('-u'), ask('-g'), ask('-un')];
  if (uid.status !== 0 || gid.status !== 0 || name.status !== 0) return null;
  return { uid: Number(uid.stdout), gid: Number(gid.stdout), name: name.stdout.trim() };
}
