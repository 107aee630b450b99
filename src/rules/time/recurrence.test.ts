import { describe, expect, test } from 'vitest';
import { daysOf, RuleFault, readRecurrence } from './recurrence.ts';
import { dateOf, dayOfDate } from './zone.ts';

const day = (date: string): number => dayOfDate(date) ?? Number.NaN;
const dates = (rule: string, first: string, o: { from?: string; to?: string; most?: number } = {}): string[] =>
  [...daysOf(readRecurrence(rule), day(first), day(o.from ?? first), day(o.to ?? '2035-01-01'))]
    .slice(0, o.most ?? 5)
    .map(dateOf);

describe('the days of a rule', () => {
  test.each([
    ['every other day', 'FREQ=DAILY;INTERVAL=2', ['2026-03-02', '2026-03-04', '2026-03-06']],
    ['Mondays and Fridays', 'FREQ=WEEKLY;BYDAY=MO,FR', ['2026-03-02', '2026-03-06', '2026-03-09']],
    ['the weekday of the first', 'FREQ=WEEKLY;INTERVAL=2', ['2026-03-02', '2026-03-16', '2026-03-30']],
    ['the last of each month', 'FREQ=MONTHLY;BYMONTHDAY=-1', ['2026-03-31', '2026-04-30', '2026-05-31']],
    ['the 31st, where there is one', 'FREQ=MONTHLY;BYMONTHDAY=31', ['2026-03-31', '2026-05-31', '2026-07-31']],
    ['second Tuesdays', 'FREQ=MONTHLY;BYDAY=2TU', ['2026-03-10', '2026-04-14', '2026-05-12']],
    ['Friday the 13th', 'FREQ=MONTHLY;BYDAY=FR;BYMONTHDAY=13', ['2026-03-13', '2026-11-13', '2027-08-13']],
    ['last working days', 'FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-1', ['2026-03-31', '2026-04-30', '2026-05-29']],
    ['29 February', 'FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=29', ['2028-02-29', '2032-02-29']],
    ['Sundays in Advent', 'FREQ=YEARLY;BYMONTH=12;BYDAY=SU', ['2026-12-06', '2026-12-13', '2026-12-20']],
  ])('%s', (_, rule, expected) => {
    expect(dates(rule, '2026-03-02', { most: 3 })).toEqual(expected);
  });

  test('are counted from the first one, also where one looks later', () => {
    const rule = 'FREQ=WEEKLY;BYDAY=MO,WE;COUNT=4';
    expect(dates(rule, '2026-03-02')).toEqual(['2026-03-02', '2026-03-04', '2026-03-09', '2026-03-11']);
    expect(dates(rule, '2026-03-02', { from: '2026-03-10' })).toEqual(['2026-03-11']);
  });

  test('end with the day of UNTIL', () => {
    expect(dates('FREQ=DAILY;UNTIL=20260304', '2026-03-02')).toEqual(['2026-03-02', '2026-03-03', '2026-03-04']);
  });

  test('depend on the day a week begins with, where every other week is meant', () => {
    const rule = 'FREQ=WEEKLY;INTERVAL=2;COUNT=4;BYDAY=TU,SU';
    expect(dates(`${rule};WKST=MO`, '1997-08-05')).toEqual(['1997-08-05', '1997-08-10', '1997-08-19', '1997-08-24']);
    expect(dates(`${rule};WKST=SU`, '1997-08-05')).toEqual(['1997-08-05', '1997-08-17', '1997-08-19', '1997-08-31']);
  });
});

test.each([
  ['', 'NAME=VALUE'],
  ['INTERVAL=2', 'FREQ'],
  ['FREQ=HOURLY', 'FREQ'],
  ['FREQ=DAILY;BYHOUR=3', 'BYHOUR'],
  ['FREQ=DAILY;COUNT=0', 'COUNT'],
  ['FREQ=DAILY;COUNT=2;UNTIL=20260101', 'COUNT and UNTIL'],
  ['FREQ=DAILY;UNTIL=20260230', 'UNTIL'],
  ['FREQ=WEEKLY;BYDAY=XX', 'BYDAY'],
  ['FREQ=WEEKLY;BYDAY=1MO', 'BYDAY'],
  ['FREQ=MONTHLY;BYMONTHDAY=32', 'BYMONTHDAY'],
  ['FREQ=DAILY;FREQ=DAILY', 'twice'],
])('%s is no rule, and it is said why', (text, why) => {
  expect(() => readRecurrence(text)).toThrow(RuleFault);
  expect(() => readRecurrence(text)).toThrow(why);
});
