import { mkdtemp, readFile, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { systemClock } from './clock.ts';
import { masterKey } from './master-key.ts';
import { createRandom } from './random.ts';

const random = createRandom(systemClock);
const folder = async (): Promise<string> => join(await mkdtemp(join(tmpdir(), 'keystead-key-')), 'data');

test('a given key is taken and nothing is written', async () => {
  const dataDir = await folder();
  const given = Buffer.alloc(32, 3);
  expect(await masterKey({ given, dataDir, random })).toBe(given);
  await expect(stat(dataDir)).rejects.toThrow('ENOENT');
});

test('the first start makes a key that only the owner can read; later starts find it', async () => {
  const dataDir = await folder();
  const first = await masterKey({ given: null, dataDir, random });
  const path = join(dataDir, 'master.key');
  expect(first.length).toBe(32);
  expect((await stat(path)).mode & 0o777).toBe(0o600);
  expect((await readFile(path, 'utf8')).trim()).toBe(first.toString('base64'));
  expect(await masterKey({ given: null, dataDir, random })).toEqual(first);
});

test('starts at the same time agree on one key', async () => {
  const dataDir = await folder();
  const keys = await Promise.all(Array.from({ length: 8 }, () => masterKey({ given: null, dataDir, random })));
  expect(new Set(keys.map((key) => key.toString('hex'))).size).toBe(1);
});

test.each(['', 'not a key', Buffer.alloc(16).toString('base64')])(
  'a broken key file (%j) is never overwritten',
  async (text) => {
    const dataDir = await folder();
    await masterKey({ given: null, dataDir, random });
    const path = join(dataDir, 'master.key');
    await writeFile(path, text);
    await expect(masterKey({ given: null, dataDir, random })).rejects.toThrow(/^MASTER_KEY cannot be read from/);
    expect(await readFile(path, 'utf8')).toBe(text);
  },
);
