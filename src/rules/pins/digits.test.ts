import fc from 'fast-check';
import { expect, test } from 'vitest';
import { checkedDigits, digitsFrom, isTooSimple, usualLength } from './digits.ts';

test.each(['0000', '1234', '4321', '8901', '999999'])('%s is too simple', (pin) => expect(isTooSimple(pin)).toBe(true));
test.each(['0482', '1212', '7391'])('%s is not', (pin) => expect(isTooSimple(pin)).toBe(false));

test('digits of a caller are kept as they are, leading zeros and all, or refused with the reason', () => {
  const lengths = { lengthMin: 4, lengthMax: 6 };
  expect(checkedDigits('pin', '0042', lengths)).toBe('0042');
  for (const [pin, why] of [
    ['12a4', 'digits'],
    ['٣٤٥٦', 'digits'],
    ['482', '4 to 6'],
    ['4821933', '4 to 6'],
    ['1111', 'simple'],
  ] as const) {
    expect(() => checkedDigits('pin', pin, lengths)).toThrow(why);
  }
});

test('digits of chance have the length asked for and are never too simple', () => {
  fc.assert(
    fc.property(fc.uint8Array({ minLength: 32, maxLength: 32 }), fc.integer({ min: 4, max: 9 }), (bytes, length) => {
      const pin = digitsFrom(bytes, length);
      if (pin === null) return;
      expect(pin).toMatch(new RegExp(`^\\d{${length}}$`));
      expect(isTooSimple(pin)).toBe(false);
    }),
  );
});

test('six, where the keypad takes them', () => {
  expect([
    usualLength({ lengthMin: 4, lengthMax: 9 }),
    usualLength({ lengthMin: 4, lengthMax: 4 }),
    usualLength({ lengthMin: 8, lengthMax: 9 }),
  ]).toEqual([6, 4, 8]);
});
