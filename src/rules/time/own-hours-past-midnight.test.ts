import { expect, test } from 'vitest';
import { daysFrom, hoursOf, type OpeningHours, openAt, opening, windowOf } from './opening-hours.ts';

test('a machine open day and night stays open past midnight with its place, also where the next day is a closed holiday', () => {
  const holidays = [
    {
      date: '2026-12-31',
      name: 'New Year’s Eve',
      yearly: true,
      closed: false,
      windows: [{ opens: '10:00', closes: '02:00' }],
    },
    { date: '2027-01-01', name: 'New Year', yearly: true, closed: true, windows: [] },
  ];
  const place = { zone: 'Europe/Berlin', hours: null, holidays, lastStart: 'ends-before-closing' } as const;
  const oneInTheMorning = Date.parse('2027-01-01T00:00:00Z');
  expect(openAt(hoursOf({ ...place, own: null }), oneInTheMorning)).toBe(true);
  expect(openAt(hoursOf({ ...place, own: { kind: 'always' } }), oneInTheMorning)).toBe(true);
});

test('a machine with a night of its own within special hours that pass midnight shows it on the day it is', () => {
  const night = [{ opens: '00:00', closes: '06:00' }];
  const own: OpeningHours = {
    kind: 'weekly',
    monday: night,
    tuesday: night,
    wednesday: night,
    thursday: night,
    friday: night,
    saturday: night,
    sunday: night,
  };
  const windows = [{ opens: '10:00', closes: '02:00' }];
  const holidays = [
    { date: '2026-12-31', name: 'New Year’s Eve', yearly: false, closed: false, windows },
    { date: '2027-01-01', name: 'New Year', yearly: false, closed: true, windows: [] },
  ];
  const hours = hoursOf({ zone: 'Europe/Berlin', hours: null, own, holidays, lastStart: 'before-closing' });
  const noon = Date.parse('2026-12-31T11:00:00Z');
  expect(opening(hours, noon)).toMatchObject({ open: false, opensNext: Date.parse('2026-12-31T23:00:00Z') });
  expect(daysFrom(hours, noon, 3).map(({ spans }) => spans.map(windowOf))).toEqual([
    [],
    [{ opens: '00:00', closes: '02:00' }],
    night,
  ]);
});
