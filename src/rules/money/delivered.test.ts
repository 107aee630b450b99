import fc from 'fast-check';
import { expect, test } from 'vitest';
import { delivered } from './delivered.ts';

test.each([
  ['full', 0, 250],
  ['full', 60_000, 250],
  ['nothing', 60_000, 0],
  ['on-time', 0, 0],
  ['on-time', -5000, 0],
  ['on-time', 999, 0],
  ['on-time', 1000, 4],
  ['on-time', 29_999, 120],
  ['on-time', 30_000, 125],
  ['on-time', 59_999, 245],
  ['on-time', 60_000, 250],
  ['on-time', 75_000, 250],
] as const)('of a minute for 250, %s after %i ms is %i', (how, onMs, earned) => {
  expect(delivered(250, 60_000, onMs, how)).toBe(earned);
});

test('what is free stays free', () => {
  for (const how of ['full', 'on-time', 'nothing'] as const) expect(delivered(0, 60_000, 30_000, how)).toBe(0);
});

const prices = fc.nat(100_000_000);
const durations = fc.integer({ min: 1, max: 1440 }).map((minutes) => minutes * 60_000);

test('it is a whole number between nothing and the price, and never falls as time goes by', () => {
  fc.assert(
    fc.property(
      prices,
      durations,
      fc.integer({ min: -10_000, max: 90_000_000 }),
      fc.nat(5000),
      (price, length, on, more) => {
        const now = delivered(price, length, on, 'on-time');
        const later = delivered(price, length, on + more, 'on-time');
        expect(Number.isSafeInteger(now)).toBe(true);
        expect(now).toBeGreaterThanOrEqual(0);
        expect(now).toBeLessThanOrEqual(later);
        expect(later).toBeLessThanOrEqual(price);
      },
    ),
  );
});

test('it is rounded down: the guest never pays for a part of a unit that was not delivered', () => {
  fc.assert(
    fc.property(prices, durations, fc.nat(86_400), (price, length, seconds) => {
      const bought = length / 1000;
      const exact = (BigInt(price) * BigInt(Math.min(seconds, bought))) / BigInt(bought);
      expect(BigInt(delivered(price, length, seconds * 1000, 'on-time'))).toBe(exact);
    }),
  );
});
