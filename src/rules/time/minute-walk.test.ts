import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { hoursOf, type OpeningHours, openAt, opening, type Timetable, type Window, weekdays } from './opening-hours.ts';

/** The slow way to say the same: minute for minute, what the clock on the wall shows, told by another library. */
type Minute = { weekday: number; date: string; minute: number; before: { weekday: number; date: string } };

const minute = 60_000;
const walked = 6 * 24 * 60;
/** Each begins two days before the clocks change there. */
const places: [zone: string, from: string][] = [
  ['Europe/Berlin', '2026-03-27T00:00:00Z'],
  ['Europe/Berlin', '2026-10-23T00:00:00Z'],
  ['America/New_York', '2026-10-30T00:00:00Z'],
  ['Australia/Lord_Howe', '2026-04-03T00:00:00Z'],
  ['Asia/Beirut', '2026-03-27T00:00:00Z'],
  ['America/Santiago', '2026-09-04T00:00:00Z'],
  ['Africa/Casablanca', '2026-02-13T00:00:00Z'],
  ['Pacific/Chatham', '2026-09-25T00:00:00Z'],
  ['UTC', '2026-12-30T00:00:00Z'],
  ['Pacific/Kiritimati', '2026-12-29T00:00:00Z'],
];

const calendars = places.map(([zone, from]) => ({ zone, from: Date.parse(from), minutes: calendar(zone, from) }));

function calendar(zone: string, from: string): Minute[] {
  const format = new Intl.DateTimeFormat('en-CA', {
    timeZone: zone,
    dateStyle: 'short',
    timeStyle: 'short',
    hourCycle: 'h23',
  });
  return Array.from({ length: walked }, (_, n) => {
    const [date = '', time = ''] = format.format(Date.parse(from) + n * minute).split(', ');
    const noon = Date.parse(`${date}T12:00:00Z`);
    const yesterday = new Date(noon - 24 * 60 * minute);
    return {
      date,
      weekday: (new Date(noon).getUTCDay() + 6) % 7,
      minute: Number(time.slice(0, 2)) * 60 + Number(time.slice(3, 5)),
      before: { date: yesterday.toISOString().slice(0, 10), weekday: (yesterday.getUTCDay() + 6) % 7 },
    };
  });
}

const number = (clock: string): number => Number(clock.slice(0, 2)) * 60 + Number(clock.slice(3));

function slowlyOpen(table: Timetable, at: Minute): boolean {
  const usual = (weekday: number): Window[] => {
    const hours: OpeningHours = table.own ?? table.hours ?? { kind: 'always' };
    const all = [{ opens: '00:00', closes: '24:00' }];
    return hours.kind === 'weekly' ? hours[weekdays[weekday] ?? 'monday'] : hours.kind === 'always' ? all : [];
  };
  const specialOn = (date: string): Window[] | undefined => {
    const once = table.holidays.findLast((one) => !one.yearly && one.date === date);
    const yearly = table.holidays.findLast((one) => one.yearly && one.date.slice(5) === date.slice(5));
    return (once ?? yearly)?.windows;
  };
  const within = (windows: Window[], minutes: number): boolean =>
    windows.some(({ opens, closes }) => {
      const to = number(closes) > number(opens) ? number(closes) : number(closes) + 1440;
      return minutes >= number(opens) && minutes < to;
    });
  const asUsual = within(usual(at.weekday), at.minute) || within(usual(at.before.weekday), at.minute + 1440);
  const byTheDay = (day: { date: string; weekday: number }, minutes: number): boolean => {
    const special = specialOn(day.date);
    if (special === undefined) return within(usual(day.weekday), minutes);
    return within(special, minutes) && (table.own === null || asUsual);
  };
  return byTheDay(at, at.minute) || byTheDay(at.before, at.minute + 1440);
}

const clock = fc.integer({ min: 0, max: 24 * 12 - 1 }).map((n) => {
  return `${String(Math.floor(n / 12)).padStart(2, '0')}:${String((n % 12) * 5).padStart(2, '0')}`;
});
const window = fc
  .record({ opens: clock, closes: fc.oneof(clock, fc.constant('24:00')) })
  .filter(({ opens, closes }) => opens !== closes);
const day = fc.array(window, { maxLength: 3 });
const hours: fc.Arbitrary<OpeningHours> = fc.oneof(
  { weight: 8, arbitrary: fc.tuple(day, day, day, day, day, day, day).map(weekly) },
  { weight: 1, arbitrary: fc.constant<OpeningHours>({ kind: 'always' }) },
  { weight: 1, arbitrary: fc.constant<OpeningHours>({ kind: 'closed' }) },
);

function weekly(days: Window[][]): OpeningHours {
  const [monday = [], tuesday = [], wednesday = [], thursday = [], friday = [], saturday = [], sunday = []] = days;
  return { kind: 'weekly', monday, tuesday, wednesday, thursday, friday, saturday, sunday };
}

const timetable = fc.constantFrom(...calendars).chain((place) =>
  fc
    .record({
      hours: fc.option(hours),
      own: fc.option(hours, { freq: 1 }),
      holidays: fc.array(
        fc.record({
          date: fc.constantFrom(...new Set(place.minutes.map(({ date }) => date))),
          name: fc.constant('x'),
          yearly: fc.boolean(),
          closed: fc.constant(false),
          windows: fc.array(window, { maxLength: 2 }),
        }),
        { maxLength: 3 },
      ),
    })
    .map((rest) => ({ place, table: { ...rest, zone: place.zone, lastStart: 'before-closing' } satisfies Timetable })),
);

describe('opening hours, against a walk minute for minute', () => {
  it('say the same of every minute of days on which the clocks change', () => {
    fc.assert(
      fc.property(timetable, ({ place, table }) => {
        const compiled = hoursOf(table);
        const wrong = place.minutes.findIndex(
          (at, n) => openAt(compiled, place.from + n * minute) !== slowlyOpen(table, at),
        );
        expect(wrong === -1 ? null : new Date(place.from + wrong * minute).toISOString()).toBeNull();
      }),
      { numRuns: 40 },
    );
  });

  it('of a machine that is open day and night are exactly its place’s, where the place is open but for holidays', () => {
    fc.assert(
      fc.property(timetable, ({ place, table }) => {
        const its = { ...table, hours: null };
        const [machine, there] = [hoursOf({ ...its, own: { kind: 'always' } }), hoursOf({ ...its, own: null })];
        const instants = place.minutes.map((_, n) => place.from + n * minute);
        const differing = instants.find((at) => openAt(machine, at) !== openAt(there, at));
        expect(differing === undefined ? null : new Date(differing).toISOString()).toBeNull();
        for (const at of instants.filter((_, n) => n % 97 === 0)) {
          expect(opening(machine, at)).toEqual(opening(there, at));
        }
      }),
      { numRuns: 40 },
    );
  });

  it('of a machine with its own week never reach beyond it, nor beyond special ones of its place', () => {
    fc.assert(
      fc.property(timetable, hours, ({ place, table }, own) => {
        const machine = hoursOf({ ...table, own });
        const alone = hoursOf({ ...table, own, holidays: [] });
        const there = hoursOf({ ...table, hours: own, own: null });
        const wrong = place.minutes.findIndex((_, n) => {
          const at = place.from + n * minute;
          return openAt(machine, at) && !(openAt(alone, at) && openAt(there, at));
        });
        expect(wrong === -1 ? null : new Date(place.from + wrong * minute).toISOString()).toBeNull();
      }),
      { numRuns: 40 },
    );
  });

  it('close and open next at the minutes at which the walk meets it', () => {
    fc.assert(
      fc.property(
        timetable,
        fc.integer({ min: 0, max: walked / 2 }),
        fc.integer({ min: 0, max: 59_999 }),
        (one, n, ms) => {
          const { place, table } = one;
          const open = place.minutes.map((at) => slowlyOpen(table, at));
          const opensAfter = (from: number): number =>
            open.findIndex((is, at) => at > from && is && open[at - 1] === false);
          const closes = open[n] === true ? open.findIndex((is, at) => at > n && !is) : -1;
          const opens = open[n] === true ? (closes === -1 ? -1 : opensAfter(closes)) : opensAfter(n);
          const at = (found: number): number | null => (found === -1 ? null : place.from + found * minute);
          const told = opening(hoursOf(table), place.from + n * minute + ms);
          const seen = (instant: number | null) =>
            instant !== null && instant < place.from + walked * minute ? instant : null;
          expect({ open: told.open, closes: seen(told.closesAt), opens: seen(told.opensNext) }).toEqual({
            open: open[n],
            closes: at(closes),
            opens: at(opens),
          });
        },
      ),
      { numRuns: 120 },
    );
  });
});
