import { expect, test } from 'vitest';
import { isNearlyUsedUp, monthOf, mustSpare } from './requests-a-month.ts';

const at = (text: string): number => Date.parse(text);

test('what can wait spends a month evenly, and leaves a fifth to people', () => {
  const allowed = 1000;
  const begin = at('2030-04-01T00:00:00Z');
  const middle = at('2030-04-16T00:00:00Z');
  const end = at('2030-04-30T23:59:59.999Z');
  expect([49, 50].map((used) => mustSpare({ used, allowed }, begin))).toEqual([false, true]);
  expect([424, 425].map((used) => mustSpare({ used, allowed }, middle))).toEqual([false, true]);
  expect([799, 800].map((used) => mustSpare({ used, allowed }, end))).toEqual([false, true]);
});

test('nearly used up is nine tenths, whoever used them', () => {
  expect([899, 900].map((used) => isNearlyUsedUp({ used, allowed: 1000 }))).toEqual([false, true]);
});

test('a month is one of the calendar, in UTC', () => {
  expect(monthOf(at('2030-12-31T23:59:59.999Z'))).toBe('2030-12');
  expect(monthOf(at('2031-01-01T00:00:00Z'))).toBe('2031-01');
});
