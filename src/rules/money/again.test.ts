import { expect, test } from 'vitest';
import { hours } from '../instant.ts';
import { pauseBeforeAgain } from './again.ts';

test('a refund that came back is tried again ever more slowly, and at last left to a person', () => {
  const reasons = Array<null>(5).fill(null);
  const pauses = [0, 1, 2, 3, 4, 5].map((failures) => pauseBeforeAgain(reasons.slice(0, failures)));
  expect(pauses).toEqual([0, hours(1), hours(12), hours(72), hours(168), null]);
});

test.each([
  'lost_or_stolen_card',
  'expired_or_canceled_card',
  'charge_for_pending_refund_disputed',
  'merchant_request',
  'canceled',
])('%s would fail again: it is not tried', (reason) => {
  expect(pauseBeforeAgain([reason])).toBeNull();
  expect(pauseBeforeAgain(['unknown', reason])).toBeNull();
});

test.each(['unknown', 'insufficient_funds', 'declined', 'a word of tomorrow'])('%s may pass: it is', (reason) => {
  expect(pauseBeforeAgain([reason])).toBe(hours(1));
});
