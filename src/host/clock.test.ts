import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { movedBy, systemClock } from './clock.ts';

const folder = mkdtempSync(path.join(os.tmpdir(), 'keystead-clock-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

test('a file moves the clock of a process ahead while it runs; half a number moves nothing', async () => {
  const file = path.join(folder, 'ahead');
  writeFileSync(file, '0\n');
  const clock = movedBy(file);
  const ahead = async (text: string): Promise<number> => {
    writeFileSync(file, text);
    await systemClock.sleep(30);
    return Math.round((clock.now() - systemClock.now()) / 1000);
  };
  expect(await ahead('0\n')).toBe(0);
  expect(await ahead('3600000\n')).toBe(3600);
  expect(await ahead('72')).toBe(3600);
  expect(await ahead('7200000\n')).toBe(7200);
});

test('without the variable it is the system’s clock', () => {
  expect(movedBy(undefined)).toBe(systemClock);
});
