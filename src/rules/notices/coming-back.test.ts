import { describe, expect, test } from 'vitest';
import { type Earlier, raising, repeated } from './coming-back.ts';

const now = 1_700_000_000_000;
const minute = 60_000;
const hour = 60 * minute;
const over: Earlier = { raisedAt: now - hour, clearedAt: now - 5 * minute, dismissedAt: null, cameBack: [] };

describe('raising a notice', () => {
  test('that never was: a new one', () => {
    expect(raising(null, now)).toEqual({ kind: 'new', cameBack: [] });
  });

  test('that stands, dismissed or not: nothing', () => {
    expect(raising({ ...over, clearedAt: null }, now).kind).toBe('stands');
    expect(raising({ ...over, clearedAt: null, dismissedAt: now - minute }, now).kind).toBe('stands');
  });

  test('that was over for less than a quarter of an hour: the same one again', () => {
    expect(raising(over, now)).toEqual({ kind: 'opens-again', cameBack: [now] });
    expect(raising({ ...over, clearedAt: now - 15 * minute }, now).kind).toBe('new');
  });

  test('that was dismissed and then over: a new one, however soon', () => {
    expect(raising({ ...over, dismissedAt: now - 6 * minute }, now).kind).toBe('new');
  });
});

describe('how often the same came up again', () => {
  test('is counted over one day, also from one notice to the next', () => {
    const hours = [23, 2, 1].map((ago) => now - ago * hour);
    const old = { ...over, raisedAt: now - 30 * hour, clearedAt: now - hour, cameBack: hours };
    const next = raising(old, now);
    expect(next).toEqual({ kind: 'new', cameBack: [...hours, now] });
    if (next.kind !== 'new') return;
    expect(repeated(next.cameBack, now)).toBe(4);
    expect(repeated(next.cameBack, now + 2 * hour)).toBe(3);
  });

  test('begins anew after a day of quiet', () => {
    const long = { ...over, raisedAt: now - 30 * hour, clearedAt: now - 29 * hour };
    expect(raising(long, now)).toEqual({ kind: 'new', cameBack: [] });
  });

  test('is remembered up to a hundred times', () => {
    const cameBack = Array.from({ length: 100 }, (_, i) => now - (100 - i) * minute);
    const next = raising({ ...over, cameBack }, now);
    expect(next.kind === 'opens-again' && next.cameBack.length).toBe(100);
    expect(next.kind === 'opens-again' && next.cameBack.at(-1)).toBe(now);
  });
});
