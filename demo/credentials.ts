import { randomBytes } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { writePrivate } from './demo-file.ts';

export type Credentials = { adminPassword: string; cronSecret: string };

/** Made before anything that uses them, so that a start cut short finds the same ones again. */
export async function credentials(dataDir: string): Promise<Credentials> {
  const file = path.join(dataDir, 'demo-credentials.json');
  try {
    return JSON.parse(await readFile(file, 'utf8')) as Credentials;
  } catch {
    const made = {
      adminPassword: randomBytes(12).toString('base64url'),
      cronSecret: randomBytes(24).toString('base64url'),
    };
    await writePrivate(file, made);
    return made;
  }
}
