import { describe, expect, test } from 'vitest';
import { hours } from '../instant.ts';
import { nextWindow, opensAt, type Schedule } from './schedule.ts';

const berlin = 'Europe/Berlin';
const at = (text: string): number => Date.parse(text);
const shown = (schedule: Schedule, now: string, zone = berlin) => {
  const window = nextWindow(schedule, zone, at(now));
  return (
    window && [window.from, window.until].map((one) => (one === null ? null : new Date(one).toISOString().slice(0, 16)))
  );
};
const mornings: Schedule = {
  kind: 'recurring',
  rule: 'FREQ=WEEKLY;BYDAY=MO,TU',
  startSecond: 9 * 3600,
  endSecond: 12 * 3600,
};

describe('a code for some hours', () => {
  const booked: Schedule = { kind: 'temporary', from: at('2026-03-02T14:00Z'), until: at('2026-03-03T10:00Z') };
  test('opens from its beginning to before its end', () => {
    expect(opensAt(booked, berlin, booked.from - 1)).toBe(false);
    expect(opensAt(booked, berlin, booked.from)).toBe(true);
    expect(opensAt(booked, berlin, booked.until - 1)).toBe(true);
    expect(opensAt(booked, berlin, booked.until)).toBe(false);
    expect(nextWindow(booked, berlin, booked.until)).toBeNull();
  });
});

describe('a code that recurs', () => {
  test('opens by the clock on the wall where the lock is', () => {
    expect(shown(mornings, '2026-03-02T00:00Z')).toEqual(['2026-03-02T08:00', '2026-03-02T11:00']);
    expect(shown(mornings, '2026-03-03T11:00Z')).toEqual(['2026-03-09T08:00', '2026-03-09T11:00']);
    expect(shown(mornings, '2026-03-02T00:00Z', 'Asia/Tokyo')).toEqual(['2026-03-02T00:00', '2026-03-02T03:00']);
  });

  test('keeps its time on the wall when the clocks change', () => {
    expect(shown(mornings, '2026-03-24T12:00Z')).toEqual(['2026-03-30T07:00', '2026-03-30T10:00']);
  });

  const nights: Schedule = { kind: 'recurring', rule: 'FREQ=DAILY', startSecond: 3600, endSecond: 4 * 3600 };
  test('is an hour shorter in the night in which an hour is left out, and longer when it comes twice', () => {
    expect(shown(nights, '2026-03-28T12:00Z')).toEqual(['2026-03-29T00:00', '2026-03-29T02:00']);
    expect(shown(nights, '2026-10-24T12:00Z')).toEqual(['2026-10-24T23:00', '2026-10-25T03:00']);
  });

  test('passes over a time that the clock does not show', () => {
    const leftOut: Schedule = { kind: 'recurring', rule: 'FREQ=DAILY', startSecond: 7800, endSecond: 9000 };
    expect(shown(leftOut, '2026-03-28T12:00Z')).toEqual(['2026-03-30T00:10', '2026-03-30T00:30']);
  });

  test('goes past midnight, and joins what touches', () => {
    const evenings: Schedule = {
      kind: 'recurring',
      rule: 'FREQ=WEEKLY;BYDAY=FR',
      startSecond: 22 * 3600,
      endSecond: 2 * 3600,
    };
    expect(shown(evenings, '2026-03-07T00:30Z')).toEqual(['2026-03-06T21:00', '2026-03-07T01:00']);
    const always: Schedule = { kind: 'recurring', rule: 'FREQ=WEEKLY;BYDAY=SA,SU', startSecond: 0, endSecond: 86_400 };
    expect(shown(always, '2026-03-07T12:00Z')).toEqual(['2026-03-06T23:00', '2026-03-08T23:00']);
  });

  test('lies within its own beginning and end', () => {
    const from = at('2026-03-03T09:00Z');
    const bounded = { ...mornings, from, until: from + hours(1) };
    expect(shown(bounded, '2026-03-01T00:00Z')).toEqual(['2026-03-03T09:00', '2026-03-03T10:00']);
    expect(shown(bounded, '2026-03-03T10:00Z')).toBeNull();
  });

  test.each(['FREQ=YEARLY;INTERVAL=4', 'FREQ=DAILY;INTERVAL=1000', 'FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=29'])(
    'comes again, however long that takes: %s',
    (rule) => {
      const from = Date.UTC(2028, 1, 29);
      const leap: Schedule = { kind: 'recurring', rule, startSecond: 0, endSecond: 3600, from };
      const next = nextWindow(leap, 'UTC', from + 7_200_000);
      expect(next?.from).toBeGreaterThan(from);
      expect(nextWindow(leap, 'UTC', (next?.until ?? 0) + 1)).not.toBe(null);
    },
  );

  test('ends with its rule', () => {
    const twice = { ...mornings, rule: 'FREQ=DAILY;COUNT=2', from: at('2026-03-02T00:00Z') };
    expect(shown(twice, '2026-03-03T12:00Z')).toBeNull();
    const until = { ...mornings, rule: 'FREQ=DAILY;UNTIL=20260303T080000Z' };
    expect(shown(until, '2026-03-02T12:00Z')).toEqual(['2026-03-03T08:00', '2026-03-03T11:00']);
    expect(shown(until, '2026-03-03T12:00Z')).toBeNull();
  });
});
