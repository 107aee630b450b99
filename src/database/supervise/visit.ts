import { existsSync, realpathSync } from 'node:fs';
import path from 'node:path';
import type pg from 'pg';
import { livePostmaster } from './postmaster.ts';

/**
 * The way to the embedded database of a Keystead that runs now, for whoever asks beside it; null: none runs. It must never
 * start, adopt or stop a server: the one that runs has an owner.
 */
export function runningDatabase(dataDir: string): pg.ClientConfig | null {
  const placed = path.join(dataDir, 'postgres');
  if (!existsSync(placed)) return null;
  const live = livePostmaster(realpathSync(placed));
  if (live === null || live.socket === '') return null;
  return { host: live.socket, port: 5432, user: 'keystead', database: 'keystead', ssl: false };
}
