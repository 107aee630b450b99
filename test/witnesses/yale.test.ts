import { execFile } from 'node:child_process';
import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { startYale, type YaleSimulator } from '../../simulators/yale/start.ts';

/** Clients of the cloud that others wrote, from the npm registry as locked here: what they understand, the simulator says rightly. */
const run = promisify(execFile);
const minute = 60_000;
let installed = '';
let yale: YaleSimulator;

beforeAll(async () => {
  installed = mkdtempSync(path.join(tmpdir(), 'witnesses-'));
  for (const file of ['package.json', 'package-lock.json']) {
    cpSync(path.join(import.meta.dirname, file), path.join(installed, file));
  }
  await run('npm', ['ci', '--ignore-scripts', '--no-audit', '--no-fund'], { cwd: installed });
}, 5 * minute);
afterEach(() => yale.close());
afterAll(() => rmSync(installed, { recursive: true, force: true }));

async function speak(client: string, more: { countryCode: string }, calls: [string, ...string[]][]) {
  const { port } = new URL(yale.url);
  const { email, password, apiKey } = yale.account;
  const config = { installId: 'witness', augustId: email, password, apiKey, ...more };
  const told = JSON.stringify({ installed, client, port: Number(port), config, calls });
  const { stdout } = await run(process.execPath, [path.join(import.meta.dirname, 'yale-client.ts'), told]);
  const lines = stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as { name: string; value: unknown });
  return new Map(lines.map(({ name, value }) => [name, value]));
}

describe.each([
  ['august-yale', 'US', 'api-production.august.com'],
  ['august-yale', 'DE', 'api.aaecosystem.com'],
  ['august-api', 'US', 'api-production.august.com'],
])('%s, in %s', (client, countryCode, host) => {
  test(
    'signs in with the mailed code, and lists, looks, unlocks and locks',
    async () => {
      yale = await startYale({ airMs: 1, bridges: [{ name: 'Hall' }], locks: [{ name: 'Front', bridge: 'Hall' }] });
      const front = yale.idOf('Front');
      const asked = await speak(client, { countryCode }, [['authorize']]);
      expect(asked.get('authorize')).toBe(true);
      const [code = ''] = yale.mailedCodes();
      const calls: [string, ...string[]][] = [
        ['validate', code],
        ['locks'],
        ['details', front],
        ['unlock', front],
        ['status', front],
      ];
      const heard = await speak(client, { countryCode }, calls);
      expect(heard.get('validate')).toBe(true);
      expect(heard.get('hosts')).toEqual([host]);
      expect(heard.get('locks')).toMatchObject({ [front]: { LockName: 'Front', UserType: 'superuser' } });
      expect(heard.get('details')).toMatchObject({ LockID: front, battery: 0.9, Bridge: { operative: true } });
      expect(heard.get('unlock')).toMatchObject({ state: { unlocked: true }, lockID: front });
      expect(heard.get('status')).toMatchObject({ state: { unlocked: true } });
      expect(yale.lock(front).locked).toBe(false);
      const locked = await speak(client, { countryCode }, [['lock', front]]);
      expect(locked.get('lock')).toMatchObject({ state: { locked: true } });
      expect(yale.counts(front)).toMatchObject({ remoteUnlocks: 1, remoteLocks: 1 });
    },
    2 * minute,
  );
});
