import { spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { boot, type Keystead } from '../../src/boot.ts';
import { parseConfig } from '../../src/config.ts';
import { createLog } from '../../src/host/log.ts';

const program = fileURLToPath(new URL('../../src/keystead.ts', import.meta.url));
type Ran = { code: number | null; out: string; error: string };

function keystead(dataDir: string, ...args: string[]): Promise<Ran> {
  return new Promise((resolve, reject) => {
    const env = { PATH: process.env.PATH ?? '', DATA_DIR: dataDir };
    const child = spawn(process.execPath, [program, ...args], { env, stdio: ['ignore', 'pipe', 'pipe'] });
    let out = '';
    let error = '';
    child.stdout.on('data', (chunk) => (out += chunk));
    child.stderr.on('data', (chunk) => (error += chunk));
    child.on('error', reject);
    child.on('close', (code) => resolve({ code, out, error }));
  });
}

const keyIn = ({ out }: Ran): string => /API key: +(\S+)/.exec(out)?.[1] ?? '';

test('an API client is made beside a running server and without one, and its key opens at once', async () => {
  const folder = await mkdtemp(path.join(os.tmpdir(), 'keystead-command-'));
  let server: Keystead | null = null;
  try {
    server = await boot({ config: parseConfig({ DATA_DIR: folder, PORT: '0' }), log: createLog('silent') });
    const { address } = server;
    const statusWith = async (key: string): Promise<number> =>
      (await fetch(`${address}/yale/users/me`, { headers: { 'x-api-key': key } })).status;

    const made = await keystead(folder, 'api-client', 'create', 'Home', 'Assistant', '--scope', 'webhooks');
    expect([made.code, made.error]).toEqual([0, '']);
    expect(made.out).toContain('API client Home Assistant of Keystead');
    expect([await statusWith('nobody'), await statusWith(keyIn(made))]).toEqual([403, 401]);

    const given = 'd9984f29-07a6-816e-e1c9-44ec9d1be431';
    const built = [
      'api-client',
      'create',
      'Built in',
      '--key',
      given,
      '--redirect-uri',
      'https://partner.example.com/x',
    ];
    expect(keyIn(await keystead(folder, ...built))).toBe(given);
    expect(await statusWith(given)).toBe(401);
    expect(await keystead(folder, ...built)).toMatchObject({ code: 1, error: 'This key is in use\n' });
    await server.close();
    server = null;

    const alone = await keystead(folder, 'api-client', 'create', 'Alone');
    expect([alone.code, keyIn(alone)]).toEqual([0, expect.stringMatching(/^[0-9a-f-]{36}$/)]);
    server = await boot({ config: parseConfig({ DATA_DIR: folder, PORT: '0' }), log: createLog('silent') });
    const answer = await fetch(`${server.address}/yale/users/me`, { headers: { 'x-api-key': keyIn(alone) } });
    expect(answer.status).toBe(401);
  } finally {
    await server?.close();
    await rm(folder, { recursive: true, force: true });
  }
}, 120_000);

test.each<[string, string[], string]>([
  ['no command', [], 'npm run keystead api-client create'],
  ['an unknown one', ['door', 'open'], 'There is no such command'],
  ['an unknown option', ['api-client', 'create', 'x', '--colour', 'red'], '--colour'],
])('%s is told what there is', async (_, args, words) => {
  const folder = path.join(os.tmpdir(), 'keystead-command-none');
  const ran = await keystead(folder, ...args);
  expect([ran.code, ran.out]).toEqual([1, '']);
  expect(ran.error).toContain(words);
});
