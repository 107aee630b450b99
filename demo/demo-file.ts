import { readFile, rename, writeFile } from 'node:fs/promises';
import path from 'node:path';

/** DATA_DIR/demo.json: addresses and secrets of the demo, for people and for programs that try it. */
export type DemoFile = {
  baseUrl: string;
  console: { url: string; username: string; password: string; email: string };
  guest: { washerPayUrl: string; doorPayUrl: string };
  simulators: { stripe: string; shelly: string; ttlock: string; building: string; mail: string };
  /** The simulator's. */
  stripe: { secretKey: string; webhookSecret: string };
  cronSecret: string;
  /** By name. */
  ids: {
    locations: Record<string, { id: string }>;
    devices: Record<string, { id: string; uid: string }>;
    doors: Record<string, { id: string; uid: string; lockId: string | null }>;
    /** `ttlockLockId`: its number at the simulator. */
    locks: Record<string, { id: string; ttlockLockId: number }>;
  };
};
type Ids = DemoFile['ids'];

/** As an earlier start has left it; the first demos had no doors. */
export type KnownDemo = Omit<DemoFile, 'ids'> & { ids: Omit<Ids, 'doors' | 'locks'> & Partial<Ids> };

export async function readDemo(dataDir: string): Promise<KnownDemo | null> {
  try {
    return JSON.parse(await readFile(path.join(dataDir, 'demo.json'), 'utf8')) as KnownDemo;
  } catch {
    return null; // not there, or cut short: it is written anew
  }
}

/** Readable by its owner alone; never half written. */
export const writeDemo = (dataDir: string, demo: DemoFile): Promise<void> =>
  writePrivate(path.join(dataDir, 'demo.json'), demo);

export async function writePrivate(file: string, content: unknown): Promise<void> {
  const draft = `${file}.new`;
  await writeFile(draft, `${JSON.stringify(content, null, 2)}\n`, { mode: 0o600 });
  await rename(draft, file);
}
