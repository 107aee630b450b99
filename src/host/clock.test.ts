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
  const isAhead = async (text: string, milliseconds: number): Promise<void> => {
    writeFileSync(file, text);
    await systemClock.sleep(30);
    const before = systemClock.now();
    const there = clock.now();
    expect(there).toBeGreaterThanOrEqual(before + milliseconds);
    expect(there).toBeLessThanOrEqual(systemClock.now() + milliseconds);
  };
  await isAhead('0\n', 0);
  await isAhead('3600000\n', 3_600_000);
  await isAhead('72', 3_600_000);
  await isAhead('7200000\n', 7_200_000);
});

test('without the variable it is the system’s clock', () => {
  expect(movedBy(undefined)).toBe(systemClock);
});
