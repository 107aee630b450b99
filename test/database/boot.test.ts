import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { boot } from '../../src/boot.ts';
import { parseConfig } from '../../src/config.ts';
import { createLog } from '../../src/host/log.ts';

const folders: string[] = [];
afterEach(async () => {
  for (const folder of folders.splice(0)) await rm(folder, { recursive: true, force: true });
});

test('a start that fails for a taken port names it, stops its database, and keeps the first password for the next', async () => {
  const folder = await mkdtemp(path.join(os.tmpdir(), 'keystead-boot-'));
  folders.push(folder);
  const busy = createServer();
  const port = await new Promise<number>((resolve) => {
    busy.listen(0, '127.0.0.1', () => {
      const address = busy.address();
      resolve(typeof address === 'object' && address !== null ? address.port : 0);
    });
  });
  const start = () => boot({ config: parseConfig({ DATA_DIR: folder, PORT: String(port) }), log: createLog('silent') });
  await expect(start()).rejects.toThrow(`PORT ${port}`);
  await new Promise((resolve) => busy.close(resolve));

  const keystead = await start();
  try {
    expect(keystead.firstAdministrator).toMatchObject({ kind: 'created', password: expect.any(String) });
    expect((await fetch(`${keystead.address}/api/ready`)).status).toBe(200);
  } finally {
    const lost: unknown[] = [];
    void keystead.lost.then((error) => lost.push(error));
    const first = keystead.close();
    await keystead.close(); // whoever asks again waits for the same end
    expect(existsSync(path.join(folder, 'postgres', 'postmaster.pid'))).toBe(false);
    await first;
    expect(lost).toEqual([]);
  }
}, 60_000);
