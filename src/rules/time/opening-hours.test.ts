import { describe, expect, it } from 'vitest';
import {
  closesAt,
  daysFrom,
  type Holiday,
  hasHours,
  hoursOf,
  type OpeningHours,
  openAt,
  opening,
  opensNext,
  type Timetable,
  type Weekday,
} from './opening-hours.ts';

const zone = 'Europe/Berlin';
const everyDay = (...windows: [string, string][]): OpeningHours => {
  const day = windows.map(([opens, closes]) => ({ opens, closes }));
  return {
    kind: 'weekly',
    monday: day,
    tuesday: day,
    wednesday: day,
    thursday: day,
    friday: day,
    saturday: day,
    sunday: day,
  };
};
const only = (day: Weekday, ...windows: [string, string][]): OpeningHours => ({
  ...(everyDay() as OpeningHours & { kind: 'weekly' }),
  [day]: windows.map(([opens, closes]) => ({ opens, closes })),
});
const table = (hours: OpeningHours | null, more: Partial<Timetable> = {}) =>
  hoursOf({ zone, hours, own: null, holidays: [], lastStart: 'ends-before-closing', ...more });
const holiday = (date: string, more: Partial<Holiday> = {}): Holiday => ({
  date,
  name: 'Holiday',
  yearly: false,
  closed: true,
  windows: [],
  ...more,
});
const utc = (text: string): number => Date.parse(`${text}Z`);
const iso = (at: number | null): string | null => (at === null ? null : new Date(at).toISOString().slice(0, 19));
const told = (hours: ReturnType<typeof table>, at: string) => {
  const now = opening(hours, utc(at));
  return { open: now.open, closes: iso(now.closesAt), opens: iso(now.opensNext) };
};

describe('opening hours', () => {
  it('are open from the first second of a window up to its end, which is closed', () => {
    const hours = table(everyDay(['07:00', '22:00']));
    const border = utc('2026-06-12T20:00:00'); // 22:00 in Berlin
    expect([-1000, -1, 0, 1].map((ms) => openAt(hours, border + ms))).toEqual([true, true, false, false]);
    const morning = utc('2026-06-13T05:00:00');
    expect([-1, 0].map((ms) => openAt(hours, morning + ms))).toEqual([false, true]);
    expect(told(hours, '2026-06-12T19:59:59')).toEqual({
      open: true,
      closes: '2026-06-12T20:00:00',
      opens: '2026-06-13T05:00:00',
    });
    expect(told(hours, '2026-06-12T20:00:00')).toEqual({ open: false, closes: null, opens: '2026-06-13T05:00:00' });
  });

  it('may have several windows a day; those that touch are one', () => {
    const hours = table(everyDay(['06:00', '12:00'], ['12:00', '13:00'], ['15:00', '18:00']));
    expect(told(hours, '2026-06-12T08:00:00')).toMatchObject({
      closes: '2026-06-12T11:00:00',
      opens: '2026-06-12T13:00:00',
    });
  });

  it('may pass midnight, and belong to the day they begin on', () => {
    const hours = table(only('friday', ['18:00', '02:00']));
    expect(told(hours, '2026-06-12T22:30:00')).toMatchObject({ open: true, closes: '2026-06-13T00:00:00' }); // 00:30
    expect(told(hours, '2026-06-13T00:00:00')).toEqual({ open: false, closes: null, opens: '2026-06-19T16:00:00' });
    expect(openAt(hours, utc('2026-06-11T22:30:00'))).toBe(false); // 00:30 on Friday: that was Thursday's evening
  });

  it('go on over midnight where one day ends at 24:00 and the next begins at 00:00', () => {
    const hours = table(everyDay(['00:00', '02:00'], ['18:00', '24:00']));
    expect(told(hours, '2026-06-12T20:00:00')).toMatchObject({ closes: '2026-06-13T00:00:00' });
    expect(table(everyDay(['18:00', '00:00'])).week).toEqual(table(everyDay(['18:00', '24:00'])).week);
  });

  it('without any are always open, and so they say; closed ones never open', () => {
    const never = { open: true, closes: null, opens: null };
    expect(told(table(null), '2026-06-12T20:00:00')).toEqual(never);
    expect(told(table({ kind: 'always' }), '2026-06-12T20:00:00')).toEqual(never);
    expect(told(table(everyDay(['00:00', '24:00'])), '2026-06-12T20:00:00')).toEqual(never);
    expect(told(table({ kind: 'closed' }), '2026-06-12T20:00:00')).toEqual({ open: false, closes: null, opens: null });
    expect(told(table(everyDay()), '2026-06-12T20:00:00')).toEqual({ open: false, closes: null, opens: null });
    expect([table(null), table({ kind: 'always' }), table({ kind: 'closed' })].map(hasHours)).toEqual([
      false,
      false,
      true,
    ]);
  });

  it('of a device go before those of its place', () => {
    const place = everyDay(['07:00', '22:00']);
    expect(openAt(table(place, { own: { kind: 'always' } }), utc('2026-06-12T01:00:00'))).toBe(true);
    expect(openAt(table({ kind: 'always' }, { own: { kind: 'closed' } }), utc('2026-06-12T12:00:00'))).toBe(false);
  });

  it('are those of the zone: the same instant is open in one and closed in another', () => {
    const hours = everyDay(['07:00', '22:00']);
    const at = utc('2026-06-12T21:00:00');
    expect(
      ['America/New_York', 'Europe/Berlin', 'Asia/Kathmandu'].map((name) => openAt(table(hours, { zone: name }), at)),
    ) //
      .toEqual([true, false, false]);
  });
});

describe('holidays', () => {
  const usual = everyDay(['07:00', '22:00']);

  it('close the day, but not the night that began before it', () => {
    const hours = table(everyDay(['18:00', '02:00']), { holidays: [holiday('2026-12-25')] });
    expect(told(hours, '2026-12-24T23:00:00')).toEqual({
      open: true,
      closes: '2026-12-25T01:00:00',
      opens: '2026-12-26T17:00:00',
    });
  });

  it('have other hours, also longer ones, and also where it is closed otherwise', () => {
    const windows = [{ opens: '05:00', closes: '23:00' }];
    const hours = table(only('monday', ['07:00', '22:00']), {
      holidays: [holiday('2026-06-14', { closed: false, windows })], // a Sunday
    });
    expect(told(hours, '2026-06-12T12:00:00').opens).toBe('2026-06-14T03:00:00');
    expect(told(hours, '2026-06-14T12:00:00').closes).toBe('2026-06-14T21:00:00');
  });

  it('come again every year where they are meant to; a date of one year goes before', () => {
    const holidays = [
      holiday('2020-12-25', { yearly: true, name: 'Christmas' }),
      holiday('2026-12-25', { name: 'Open house', closed: false, windows: [{ opens: '10:00', closes: '12:00' }] }),
      holiday('2024-01-01', { name: 'Once' }),
    ];
    const hours = table(usual, { holidays });
    const noon = (year: number) => openAt(hours, utc(`${year}-12-25T10:00:00`));
    expect([2024, 2025, 2026, 2027].map(noon)).toEqual([false, false, true, false]);
    expect(openAt(hours, utc('2025-01-01T10:00:00'))).toBe(true);
    expect(daysFrom(hours, utc('2026-12-24T12:00:00'), 2)).toEqual([
      { date: '2026-12-24', weekday: 'thursday', spans: [{ from: 420, to: 1320 }], holiday: null },
      { date: '2026-12-25', weekday: 'friday', spans: [{ from: 600, to: 720 }], holiday: 'Open house' },
    ]);
  });

  it('on 29 February come when there is one', () => {
    const hours = table(usual, { holidays: [holiday('2024-02-29', { yearly: true })] });
    expect(openAt(hours, utc('2028-02-29T10:00:00'))).toBe(false);
    expect(openAt(hours, utc('2027-03-01T10:00:00'))).toBe(true);
  });

  it('open a device of hours of its own no longer than these', () => {
    const holidays = [holiday('2026-06-12', { closed: false, windows: [{ opens: '09:00', closes: '20:00' }] })];
    const hours = table(usual, { own: everyDay(['12:00', '23:00']), holidays });
    expect(told(hours, '2026-06-12T06:00:00')).toEqual({ open: false, closes: null, opens: '2026-06-12T10:00:00' });
    expect(told(hours, '2026-06-12T12:00:00').closes).toBe('2026-06-12T18:00:00');
    const always = table(usual, { own: { kind: 'always' }, holidays: [holiday('2026-06-12')] });
    expect(told(always, '2026-06-11T20:00:00')).toEqual({
      open: true,
      closes: '2026-06-11T22:00:00',
      opens: '2026-06-12T22:00:00',
    });
  });

  it('may close it for long: the next opening is found behind them', () => {
    const dates = Array.from({ length: 100 }, (_, n) => new Date(Date.UTC(2026, 5, 12 + n * 7)).toISOString());
    const hours = table(only('friday', ['07:00', '22:00']), {
      holidays: dates.map((date) => holiday(date.slice(0, 10))),
    });
    expect(told(hours, '2026-06-11T12:00:00').opens).toBe('2028-05-12T05:00:00');
  });
});

describe('when the clocks change in Berlin', () => {
  // 29 March 2026: 02:00 becomes 03:00. 25 October 2026: 03:00 becomes 02:00.
  const spring = '2026-03-29';
  const autumn = '2026-10-25';
  const of = (from: string, to: string) => table(only('sunday', [from, to]));
  const seen = (hours: ReturnType<typeof table>, at: string) => ({
    opens: iso(opensNext(hours, utc(at))),
    closes: iso(closesAt(hours, opensNext(hours, utc(at)) ?? 0)),
  });

  it('01:30 to 03:30 is one hour in spring and three in autumn', () => {
    expect(seen(of('01:30', '03:30'), `${spring}T00:00:00`)).toEqual({
      opens: `${spring}T00:30:00`,
      closes: `${spring}T01:30:00`,
    });
    expect(seen(of('01:30', '03:30'), '2026-10-24T22:00:00')).toEqual({
      opens: '2026-10-24T23:30:00',
      closes: `${autumn}T02:30:00`,
    });
  });

  it('a window within the hour that is left out is left out with it', () => {
    expect(seen(of('02:15', '02:45'), `${spring}T00:00:00`).opens).toBe('2026-04-05T00:15:00');
    expect(seen(of('02:30', '04:00'), `${spring}T00:00:00`)).toEqual({
      opens: `${spring}T01:00:00`, // the clock shows 03:00
      closes: `${spring}T02:00:00`,
    });
    expect(seen(of('01:00', '02:30'), '2026-03-28T12:00:00')).toEqual({
      opens: `${spring}T00:00:00`,
      closes: `${spring}T01:00:00`,
    });
  });

  it('a window within the hour that comes twice is open twice', () => {
    const hours = of('02:15', '02:45');
    const times = ['00:14', '00:15', '00:44', '00:45', '01:14', '01:15', '01:44', '01:45'];
    expect(times.map((time) => openAt(hours, utc(`${autumn}T${time}:00`)))).toEqual([
      false,
      true,
      true,
      false,
      false,
      true,
      true,
      false,
    ]);
    expect(seen(hours, `${autumn}T00:20:00`)).toEqual({ opens: `${autumn}T01:15:00`, closes: `${autumn}T01:45:00` });
  });

  it('until 02:30 in autumn it closes at the first and opens for half an hour once more', () => {
    const hours = table(only('saturday', ['22:00', '02:30']));
    expect(told(hours, `${autumn}T00:00:00`)).toEqual({
      open: true,
      closes: `${autumn}T00:30:00`,
      opens: `${autumn}T01:00:00`,
    });
    expect(told(hours, `${autumn}T01:00:00`).closes).toBe(`${autumn}T01:30:00`);
  });

  it('a whole day has 23 and 25 hours', () => {
    const hours = of('00:00', '24:00');
    const length = (date: string) => {
      const from = opensNext(hours, utc(`${date}T00:00:00`) - 12 * 3_600_000) ?? 0;
      return ((closesAt(hours, from) ?? 0) - from) / 3_600_000;
    };
    expect([spring, autumn, '2026-06-14'].map(length)).toEqual([23, 25, 24]);
  });
});

describe('where a day begins late, or is none', () => {
  it('midnight itself may be left out', () => {
    const hours = table(everyDay(['00:00', '06:00']), { zone: 'Asia/Beirut' }); // 29 March 2026, 00:00 -> 01:00
    expect(told(hours, '2026-03-28T12:00:00').opens).toBe('2026-03-28T22:00:00');
    expect(told(hours, '2026-03-28T22:30:00').closes).toBe('2026-03-29T03:00:00');
  });

  it('a whole date may be left out', () => {
    const hours = table(only('friday', ['08:00', '12:00']), { zone: 'Pacific/Apia' }); // there was no 30 December 2011
    expect(told(hours, '2011-12-29T12:00:00').opens).toBe('2012-01-05T18:00:00');
  });

  it('half an hour may come twice', () => {
    const hours = table(everyDay(['01:40', '01:50']), { zone: 'Australia/Lord_Howe' }); // 5 April 2026, 02:00 -> 01:30
    expect(told(hours, '2026-04-04T14:45:00').closes).toBe('2026-04-04T14:50:00');
    expect(told(hours, '2026-04-04T14:50:00').opens).toBe('2026-04-04T15:10:00');
  });
});
