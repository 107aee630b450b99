import { expect, test } from 'vitest';
import { clockDifference } from './clock-difference.ts';

const now = Date.UTC(2026, 5, 12);

test.each([
  [0, 0, null],
  [2000, 0, null],
  [2001, 0, 2001],
  [-2001, 0, -2001],
  [61_000, 40, 61_000],
  [2400, 1000, null], // it took a second: perhaps they agree
  [2501, 1000, 2501],
  [-2499, 1000, null],
  [-60_000, 5000, -60_000],
])('a clock that seems %d ms ahead, asked within %d ms: %d', (ahead, took, told) => {
  expect(clockDifference({ before: now + ahead - took / 2, theirs: now, after: now + ahead + took / 2 })).toBe(told);
});

test('a clock that is set while the other is asked tells nothing by that alone', () => {
  expect(clockDifference({ before: now, theirs: now, after: now + 3_600_000 })).toBeNull();
  expect(clockDifference({ before: now, theirs: now, after: now - 3_600_000 })).toBeNull();
});
