import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { killPointsOf } from './kill-points.ts';

const folder = mkdtempSync(path.join(os.tmpdir(), 'keystead-kill-points-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

test('a file names the kill point, and may name it, change it and take it back while the process runs', () => {
  const file = path.join(folder, 'kill-at');
  let ends = 0;
  const points = killPointsOf(`@${file}`, () => {
    ends += 1;
  });
  points?.('before', 'pay');
  writeFileSync(file, 'pay:after\n');
  points?.('before', 'pay');
  expect(ends).toBe(0);
  points?.('after', 'pay');
  expect(ends).toBe(1);
  writeFileSync(file, 'pay:before:2');
  points?.('before', 'pay');
  expect(ends).toBe(1);
  points?.('before', 'pay');
  expect(ends).toBe(2);
  writeFileSync(file, '');
  points?.('before', 'pay');
  expect(ends).toBe(2);
});

test('without the variable there is no kill point to ask', () => {
  expect(killPointsOf(undefined, () => undefined)).toBeNull();
});
