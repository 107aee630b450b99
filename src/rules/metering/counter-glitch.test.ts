import { expect, test } from 'vitest';
import { metered, unmetered } from './energy.ts';

test('a counter that shows nothing once, and its old figure again, adds no more than was used', () => {
  const shown = [500_000, 500_010, 0, 500_020];
  const { used } = shown.reduce(metered, unmetered);
  expect(used).toBeLessThanOrEqual(20);
});

test('shows nothing for a while, and is no other counter for that', () => {
  expect([500_000, 0, 0, 0, 500_050].reduce(metered, unmetered).used).toBe(50);
});

test('a counter that has counted nothing yet begins at nothing', () => {
  expect([0, 0, 7, 12].reduce(metered, unmetered).used).toBe(12);
});
