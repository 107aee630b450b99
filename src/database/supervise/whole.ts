import { chmodSync, mkdirSync, readdirSync, renameSync, rmSync } from 'node:fs';
import path from 'node:path';

/**
 * Makes a folder that is there whole or not at all: filled beside its place, then renamed. Whoever comes second keeps what
 * the first made. What makers that were killed left behind is cleared away. False when the place cannot be renamed into (a
 * mount), or holds something already.
 */
export function makeWhole(place: string, mode: number, fill: (half: string) => void): boolean {
  const prefix = `${path.basename(place)}.half-`;
  clearAway(path.dirname(place), prefix);
  const half = path.join(path.dirname(place), `${prefix}${process.pid}`);
  mkdirSync(half, { recursive: true });
  chmodSync(half, mode);
  try {
    fill(half);
    renameSync(half, place);
    return true;
  } catch (error) {
    rmSync(half, { recursive: true, force: true });
    if (isCode(error, 'ENOTEMPTY', 'EEXIST', 'EBUSY', 'EXDEV')) return false;
    throw error;
  }
}

export function isCode(error: unknown, ...wanted: string[]): boolean {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' && wanted.includes(error.code);
}

/** Signal 0 asks only; EPERM means: alive, but somebody else's. */
export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return isCode(error, 'EPERM');
  }
}

function clearAway(folder: string, prefix: string): void {
  for (const name of readdirSync(folder)) {
    if (!name.startsWith(prefix)) continue;
    const pid = Number(name.slice(prefix.length));
    if (pid === process.pid || !isAlive(pid)) rmSync(path.join(folder, name), { recursive: true, force: true });
  }
}
