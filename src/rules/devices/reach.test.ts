import { describe, expect, test } from 'vitest';
import { isOutOfReach, offlineSince } from './reach.ts';

const now = 1_700_000_000_000;

describe('a run whose device does not answer', () => {
  test('is out of reach from the second missed answer in a row, or after ten seconds of silence', () => {
    const missed = (misses: number, secondsAgo: number) =>
      isOutOfReach({ unreachableSince: now - secondsAgo * 1000, misses }, now);
    expect(missed(1, 0)).toBe(false);
    expect(missed(1, 10)).toBe(false);
    expect(missed(1, 10.001)).toBe(true);
    expect(missed(2, 3)).toBe(true);
  });

  test('is within reach once it answered', () => {
    expect(isOutOfReach({ unreachableSince: null, misses: 0 }, now)).toBe(false);
  });
});

describe('a device', () => {
  const silent = { unreachableSince: now, offlineSince: null };

  test('is not offline at its first missed answer', () => {
    expect(offlineSince({ unreachableSince: null, offlineSince: null }, now)).toBeNull();
  });

  test('is offline from the second one on, since the first', () => {
    expect(offlineSince(silent, now + 3000)).toBe(now);
    expect(offlineSince({ unreachableSince: now, offlineSince: now }, now + 60_000)).toBe(now);
  });

  test('that two looks at the same moment miss has missed one answer', () => {
    expect(offlineSince(silent, now + 400)).toBeNull();
  });
});
