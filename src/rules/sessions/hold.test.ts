import { describe, expect, test } from 'vitest';
import { decideHold, endOfHold, type Hold, holdFor } from './hold.ts';

const now = 1_700_000_000_000;
const held = (part: Partial<Hold>): Hold => ({ mine: false, planId: 'quick', expiresAt: now + holdFor, ...part });

describe('the three minutes a device is kept for the guest who pays', () => {
  test('a device that nobody holds is taken', () => {
    expect(decideHold(null, 'quick', now)).toEqual({ kind: 'take', supersede: false });
  });

  test.each([
    [holdFor, 180],
    [1001, 2],
    [1, 1],
  ])('another guest waits while it has %i ms to go', (left, retryAfterSeconds) => {
    expect(decideHold(held({ expiresAt: now + left }), 'quick', now)).toEqual({ kind: 'held', retryAfterSeconds });
  });

  test('another guest takes it the moment it is over, and the checkout before is given up', () => {
    expect(decideHold(held({ expiresAt: now }), 'quick', now)).toEqual({ kind: 'take', supersede: true });
  });

  test('one that ends later than any hold does was made before the clock was set back: it is over', () => {
    expect(decideHold(held({ expiresAt: endOfHold(now + 3_600_000, now) }), 'quick', now)).toEqual({
      kind: 'take',
      supersede: true,
    });
    expect(endOfHold(now + holdFor + 60_000, now)).toBe(now + holdFor + 60_000); // by a process whose clock is ahead
  });

  test.each([holdFor, 0, -60_000])('the holder gets the same checkout again, with %i ms to go', (left) => {
    expect(decideHold(held({ mine: true, expiresAt: now + left }), 'quick', now)).toEqual({ kind: 'reuse' });
  });

  test('the holder may choose another plan: the checkout before is given up', () => {
    expect(decideHold(held({ mine: true }), 'long', now)).toEqual({ kind: 'take', supersede: true });
  });
});
