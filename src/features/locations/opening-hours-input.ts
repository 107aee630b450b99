import { invalid } from '../../rules/errors.ts';
import { required } from '../../rules/text.ts';
import {
  type Holiday,
  type LastStart,
  type OpeningHours,
  spanOf,
  type Timetable,
  type Weekday,
  type Window,
  weekdays,
} from '../../rules/time/opening-hours.ts';
import { dayOfDate } from '../../rules/time/zone.ts';

/** What staff sends; the route has checked kinds, patterns and lengths. Days that are left out are closed. */
export type OpeningHoursInput = { kind: OpeningHours['kind'] } & { [Day in Weekday]?: Window[] };
export type HolidayInput = { date: string; name: string; yearly?: boolean; closed?: boolean; windows?: Window[] };

export const most = { windowsADay: 6, holidays: 100, holidayName: 80 } as const;

/** In their one form, to be stored; throws a 400 that names the field. */
export function checkedHours(field: string, input: OpeningHoursInput): OpeningHours {
  const { kind } = input;
  if (kind === 'weekly') {
    const day = (name: Weekday): Window[] => checkedWindows(`${field}.${name}`, input[name] ?? []);
    return {
      kind,
      monday: day('monday'),
      tuesday: day('tuesday'),
      wednesday: day('wednesday'),
      thursday: day('thursday'),
      friday: day('friday'),
      saturday: day('saturday'),
      sunday: day('sunday'),
    };
  }
  const stray = weekdays.find((name) => input[name] !== undefined);
  if (stray !== undefined) throw invalid(`${field}.${stray}`, `${field}.${stray} stands with kind "weekly" only`);
  return { kind };
}

export function checkedHolidays(field: string, input: readonly HolidayInput[]): Holiday[] {
  const seen = new Set<string>();
  return input.map((one, n) => {
    const { date, yearly = false, windows = [], closed = windows.length === 0 } = one;
    const at = `${field}[${n}]`;
    if (dayOfDate(date) === null) throw invalid(`${at}.date`, `${at}.date is no date of the calendar`);
    const key = yearly ? `every ${date.slice(5)}` : date;
    if (seen.has(key)) throw invalid(`${at}.date`, `${at}.date stands in the list already`);
    seen.add(key);
    if (closed && windows.length > 0) throw invalid(`${at}.windows`, `${at}.windows must be empty where it is closed`);
    if (!closed && windows.length === 0) throw invalid(`${at}.windows`, `${at}.windows must say when it is open`);
    const name = required(`${at}.name`, one.name, most.holidayName);
    return { date, name, yearly, closed, windows: checkedWindows(`${at}.windows`, windows) };
  });
}

/** Sorted; a window without length and windows over one another are slips of the pen. */
function checkedWindows(field: string, windows: readonly Window[]): Window[] {
  const sorted = windows.map((window, n) => ({ ...spanOf(window), window, at: `${field}[${n}]` }));
  for (const { window, at } of sorted) {
    if (window.opens !== window.closes) continue;
    throw invalid(`${at}.closes`, `${at}.closes must differ from opens; the whole day is 00:00 to 24:00`);
  }
  sorted.sort((a, b) => a.from - b.from);
  for (const [n, { from, at }] of sorted.entries()) {
    const before = sorted[n - 1];
    if (before !== undefined && from < before.to) throw invalid(`${at}.opens`, `${at}.opens lies in another window`);
  }
  return sorted.map(({ window: { opens, closes } }) => ({ opens, closes }));
}

type PlaceTimes = {
  time_zone: string;
  opening_hours: OpeningHours | null;
  holidays: Holiday[];
  last_start: LastStart;
};

/** By which hours a device is sold. At no location it knows no holidays, and the organization's zone is its own. */
export function timetableOf(
  device: { opening_hours: OpeningHours | null },
  location: PlaceTimes | null,
  organizationZone: string,
): Timetable {
  return {
    zone: location?.time_zone ?? organizationZone,
    hours: location?.opening_hours ?? null,
    own: device.opening_hours,
    holidays: location?.holidays ?? [],
    lastStart: location?.last_start ?? 'ends-before-closing',
  };
}
