import { expect, test } from 'vitest';
import { hours, minutes } from '../instant.ts';
import type { PageState } from '../sessions/view.ts';
import { mayWrite, type Run } from './may-write.ts';

const now = Date.UTC(2026, 5, 12, 12);
const begun = { refundFailed: false, createdAt: now, startedAt: now, endsAt: now, endedAt: null };

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
])('a guest may write to the owner about a session that has just become %s: %s', (state, may) => {
  expect(mayWrite({ ...begun, state }, now)).toBe(may);
});

test.each<[what: string, run: Partial<Run> & { state: PageState }, after: number]>([
  ['a machine that should turn by now', { state: 'running' }, minutes(1)],
  ['a machine that should have stopped by now', { state: 'finishing' }, minutes(1)],
  ['money that should have been heard of by now', { state: 'waiting-for-payment' }, minutes(5)],
])('and about %s', (_what, run, after) => {
  expect(mayWrite({ ...begun, ...run }, now + after - 1)).toBe(false);
  expect(mayWrite({ ...begun, ...run }, now + after)).toBe(true);
});

test('not about one that waits for its time, however long', () => {
  for (const state of ['waiting-to-start', 'starting', 'payment-not-completed'] as const) {
    expect(mayWrite({ ...begun, state, startedAt: null }, now + hours(3))).toBe(false);
  }
});

test('whatever became of it where money did not get back', () => {
  const run = { ...begun, state: 'payment-not-completed', refundFailed: true, endedAt: now } as const;
  expect(mayWrite(run, now)).toBe(true);
});

test('for a month', () => {
  const run = { ...begun, createdAt: now - hours(24 * 31), state: 'interrupted' } as const;
  expect(mayWrite({ ...run, endedAt: now - hours(24 * 30) }, now)).toBe(true);
  expect(mayWrite({ ...run, endedAt: now - hours(24 * 30) - 1 }, now)).toBe(false);
});
