import { expect, test } from 'vitest';
import { shortCodeAlphabet, shortCodeFrom, shortCodeOf } from './short-code.ts';

test('a code has no letters that are taken for one another', () => {
  expect(shortCodeAlphabet).toMatch(/^[^ILOU01]{30}$/);
  expect(shortCodeFrom(new Uint8Array([0, 29, 30, 59, 60, 255, 7]))).toBe('A9A9AS');
});

test('a code may be typed in small letters, with blanks or a dash', () => {
  expect(shortCodeOf('abcd 23')).toBe('ABCD23');
  expect(shortCodeOf('AB-CD23')).toBe('ABCD23');
});

test.each(['', 'ABCD2', 'ABCD234', 'ABCD01', 'ÄBCD23', 'ABCD2\u0000'])('%j is no code', (typed) => {
  expect(shortCodeOf(typed)).toBeNull();
});
