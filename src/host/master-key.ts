import { link, mkdir, open, readFile, unlink } from 'node:fs/promises';
import { join } from 'node:path';
import type { Random } from './random.ts';

/**
 * The master key: the one given, or the one in DATA_DIR/master.key, made on the first start. The file is never overwritten:
 * a new key would make every sealed secret unreadable.
 */
export async function masterKey(o: { given: Buffer | null; dataDir: string; random: Random }): Promise<Buffer> {
  if (o.given !== null) return o.given;
  const path = join(o.dataDir, 'master.key');
  const present = await read(path);
  if (present !== null) return present;
  await mkdir(o.dataDir, { recursive: true, mode: 0o700 });
  const key = o.random.bytes(32);
  try {
    await write(path, key, o.random);
    await syncFolder(o.dataDir);
    return key;
  } catch (error) {
    if (!hasCode(error, 'EEXIST')) throw error;
    const theirs = await read(path); // another process was first
    if (theirs === null) throw error;
    return theirs;
  }
}

async function read(path: string): Promise<Buffer | null> {
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return null;
    throw error;
  }
  const key = Buffer.from(text.trim(), 'base64');
  if (key.length !== 32 || key.toString('base64') !== text.trim()) {
    throw new Error(`MASTER_KEY cannot be read from ${path}, which does not hold base64 of 32 bytes.`);
  }
  return key;
}

/** Whole on the disk under another name first: nobody, not even after a power cut, finds half a key. */
async function write(path: string, key: Buffer, random: Random): Promise<void> {
  const draft = `${path}.${random.uid()}`;
  const file = await open(draft, 'wx', 0o600);
  try {
    await file.writeFile(`${key.toString('base64')}\n`);
    await file.sync();
    await link(draft, path); // refuses when the file exists
  } finally {
    await file.close();
    await unlink(draft);
  }
}

async function syncFolder(path: string): Promise<void> {
  const folder = await open(path, 'r');
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}

const hasCode = (error: unknown, code: string): boolean =>
  error instanceof Error && 'code' in error && error.code === code;
