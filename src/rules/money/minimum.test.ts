import { expect, test } from 'vitest';
import { canBeCharged, chargeable, inSteps, leastCharge } from './minimum.ts';

test.each([
  ['eur', 50],
  ['EUR', 50],
  ['jpy', 50],
  ['huf', 17_500],
  ['krw', 50],
  ['kwd', 500],
  ['clf', 5000],
  ['sek', 300],
])('the least that can be charged in %s is %i', (currency, least) => {
  expect(leastCharge(currency)).toBe(least);
  expect(chargeable(least, currency)).toBe(true);
  expect(chargeable(least - 1, currency)).toBe(false);
});

test('what is free needs no payment', () => {
  expect(chargeable(0, 'eur')).toBe(true);
});

test('currencies of three digits are charged, and given back, in steps of ten', () => {
  expect([500, 501, 509, 510].map((price) => chargeable(price, 'KWD'))).toEqual([true, false, false, true]);
  expect([0, 9, 10, 1239].map((amount) => inSteps(amount, 'kwd'))).toEqual([0, 0, 10, 1230]);
  expect(inSteps(1239, 'eur')).toBe(1239);
  expect(chargeable(1239, 'eur')).toBe(true);
});

test('nothing is sold in currencies that are counted otherwise at the provider', () => {
  expect(['isk', 'UGX', 'mga', 'eur', 'JPY'].map(canBeCharged)).toEqual([false, false, false, true, true]);
});
