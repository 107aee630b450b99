import { Type } from 'typebox';
import { most, type OpeningHoursInput } from '../../features/locations/opening-hours-input.ts';
import type { Holiday as HolidayRow, OpeningHours } from '../../rules/time/opening-hours.ts';

/** Opening hours and holidays on the wire: staff sends and reads them, guests read them. */
const opens = '^([01]\\d|2[0-3]):[0-5]\\d$';
const closes = '^(([01]\\d|2[0-3]):[0-5]\\d|24:00)$';
const Window = Type.Object({
  opens: Type.String({ pattern: opens, examples: ['07:00'] }),
  closes: Type.String({
    pattern: closes,
    description: '24:00 is the end of the day; at or before `opens` it is on the next day',
    examples: ['22:00'],
  }),
});
const Windows = Type.Array(Window, { maxItems: most.windowsADay });
const Days = {
  monday: Type.Optional(Windows),
  tuesday: Type.Optional(Windows),
  wednesday: Type.Optional(Windows),
  thursday: Type.Optional(Windows),
  friday: Type.Optional(Windows),
  saturday: Type.Optional(Windows),
  sunday: Type.Optional(Windows),
};
const kinds = ['always', 'closed', 'weekly'] as const;

/** As fields, so that other objects can hold them among others. */
export const openingHoursFields = {
  kind: Type.Enum(kinds, { description: 'Days are named with `weekly` only; a day that is left out is closed' }),
  ...Days,
};

// not a union with null: of a union an error names the whole, not the window that is wrong
const orNull = <T>(schema: object) => Type.Unsafe<T>({ ...schema, type: ['object', 'null'] });
export const OpeningHoursBody = orNull<OpeningHoursInput | null>(Type.Object(openingHoursFields));
export const OpeningHoursShown = Type.Union([Type.Object(openingHoursFields), Type.Null()]);

const holidayFields = {
  date: Type.String({ pattern: '^\\d{4}-\\d\\d-\\d\\d$', examples: ['2026-12-25'] }),
  name: Type.String({ maxLength: 200, examples: ['Christmas'] }),
  yearly: Type.Boolean({ description: 'On this date of every year' }),
  closed: Type.Boolean({ description: 'All day; else `windows` say when it is open' }),
  windows: Windows,
};
export const HolidaysBody = Type.Unsafe<
  { date: string; name: string; yearly?: boolean; closed?: boolean; windows?: HolidayRow['windows'] }[] | null
>({
  ...Type.Array(
    Type.Object({
      ...Type.Partial(Type.Object(holidayFields)).properties,
      date: holidayFields.date,
      name: holidayFields.name,
    }),
    { maxItems: most.holidays },
  ),
  type: ['array', 'null'],
});
export const Holidays = Type.Array(Type.Object(holidayFields));
/** One date of the calendar, as guests read it. */
export const Holiday = Type.Omit(Type.Object(holidayFields), ['yearly']);

export const LastStart = Type.Enum(['ends-before-closing', 'before-closing'], {
  description: 'Sold are runs that end by closing time (so unless said otherwise), or that begin before it',
});

/** What is stored, in the order in which people read it. */
export function shownHours(hours: OpeningHours | null) {
  if (hours === null || hours.kind !== 'weekly') return hours;
  const { kind, monday, tuesday, wednesday, thursday, friday, saturday, sunday } = hours;
  return { kind, monday, tuesday, wednesday, thursday, friday, saturday, sunday };
}
