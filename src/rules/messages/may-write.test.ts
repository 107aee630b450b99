import { expect, test } from 'vitest';
import { hours } from '../instant.ts';
import type { PageState } from '../sessions/view.ts';
import { mayWrite } from './may-write.ts';

const now = Date.UTC(2026, 5, 12, 12);

test.each<[PageState, boolean]>([
  ['waiting-for-payment', false],
  ['waiting-to-start', false],
  ['starting', false],
  ['running', false],
  ['finishing', false],
  ['complete', true],
  ['interrupted', true],
  ['failed-to-start', true],
  ['payment-not-completed', false],
  ['unavailable', true],
])('a guest may write to the owner about a session that is %s: %s', (state, may) => {
  expect(mayWrite({ state, refundFailed: false, endedAt: null }, now)).toBe(may);
});

test('whatever became of it where money did not get back', () => {
  expect(mayWrite({ state: 'payment-not-completed', refundFailed: true, endedAt: now }, now)).toBe(true);
});

test('for a month', () => {
  const run = { state: 'interrupted', refundFailed: false } as const;
  expect(mayWrite({ ...run, endedAt: now - hours(24 * 30) }, now)).toBe(true);
  expect(mayWrite({ ...run, endedAt: now - hours(24 * 30) - 1 }, now)).toBe(false);
});
