import { expect, test } from 'vitest';
import { hours, minutes } from '../instant.ts';
import { isTooOld, pauseAfter } from './pauses.ts';

test('tries come ever more rarely, and end after three days', () => {
  const pauses = Array.from({ length: 40 }, (_, n) => pauseAfter(n + 1, false));
  expect(pauses[0]).toBe(minutes(1));
  expect(pauses.every((pause, n) => pause >= (pauses[n - 1] ?? 0) && pause <= hours(6))).toBe(true);
  expect(pauses.at(-1)).toBe(hours(6));
  expect([isTooOld(0, hours(72)), isTooOld(0, hours(72) + 1)]).toEqual([false, true]);
});

test('what was perhaps taken is left longer before it is sent again', () => {
  expect(pauseAfter(1, true)).toBe(minutes(10));
  expect(pauseAfter(12, true)).toBe(hours(6));
});
