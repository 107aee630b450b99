import { expect, test } from 'vitest';
import { freeSlot, slotsOf } from './slots.ts';

test.each<[(number | null)[], number, number | null]>([
  [[], 2, 1],
  [[1], 2, 2],
  [[2], 2, 1],
  [[1, 2], 2, null],
  [[null, 1], 2, null],
  [[null], 2, 1],
])('of %j in %i slots the next is %j', (taken, slots, next) => {
  expect(freeSlot(taken, slots)).toBe(next);
});

test('where its vendor does not count, 240 fit', () => {
  expect([slotsOf(null), slotsOf({ slots: null }), slotsOf({ slots: 100 })]).toEqual([240, 240, 100]);
});
