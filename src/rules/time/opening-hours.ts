import type { Instant } from '../instant.ts';
import { dateOf, dayAt, dayLength, dayOf, dayOfDate, segmentAt, weekdayOf } from './zone.ts';

/**
 * Opening hours, as the sign on the door tells them: open is when the clock on the wall shows a time within a window.
 * So it is on the days when the clocks change, too. A time that is left out is passed over, and of an hour that comes
 * twice both are meant. A window belongs to the day it begins on, also where it passes midnight.
 */
export const weekdays = ['monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday', 'sunday'] as const;
export type Weekday = (typeof weekdays)[number];

/** `07:00` to `22:00`; `24:00` is the end of the day; an end at or before the beginning is on the next day. */
export type Window = { opens: string; closes: string };

export type OpeningHours =
  | { kind: 'always' }
  | { kind: 'closed' }
  | ({ kind: 'weekly' } & { [Day in Weekday]: Window[] });

/** A date with other hours, or none. It replaces the windows that begin on it; once, or on the same date every year. */
export type Holiday = { date: string; name: string; yearly: boolean; closed: boolean; windows: Window[] };

/** Until when a run may be bought: so that it ends by closing time, or so that it begins before. */
export type LastStart = 'ends-before-closing' | 'before-closing';

export type Timetable = {
  /** IANA name. */
  zone: string;
  /** The place's; null: always open. */
  hours: OpeningHours | null;
  /** The thing's own, in place of the place's week. Special hours of a holiday open it no longer than its own do. */
  own: OpeningHours | null;
  holidays: readonly Holiday[];
  lastStart: LastStart;
};

/** Minutes from the beginning of a day; the end may lie on the next one. */
export type Span = { from: number; to: number };

type Special = { name: string; spans: readonly Span[] };

/** A timetable made ready to be asked. */
export type Hours = {
  zone: string;
  lastStart: LastStart;
  week: readonly (readonly Span[])[];
  own: boolean;
  once: ReadonlyMap<number, Special>;
  yearly: ReadonlyMap<string, Special>;
};

export function hoursOf({ zone, hours, own, holidays, lastStart }: Timetable): Hours {
  const once = new Map<number, Special>();
  const yearly = new Map<string, Special>();
  for (const { date, name, yearly: everyYear, windows } of holidays) {
    const special = { name, spans: windows.map(spanOf) };
    const day = dayOfDate(date);
    if (everyYear) yearly.set(monthAndDay(date), special);
    else if (day !== null) once.set(day, special);
  }
  return { zone, lastStart, week: weekOf(own ?? hours ?? { kind: 'always' }), own: own !== null, once, yearly };
}

const wholeDay: Span = { from: 0, to: 1440 };

function weekOf(hours: OpeningHours): Span[][] {
  if (hours.kind === 'weekly') return weekdays.map((day) => hours[day].map(spanOf).sort((a, b) => a.from - b.from));
  return weekdays.map(() => (hours.kind === 'always' ? [wholeDay] : []));
}

export function spanOf({ opens, closes }: Window): Span {
  const [from, to] = [minuteOf(opens), minuteOf(closes)];
  return { from, to: to > from ? to : to + 1440 };
}

/** The same written as on a sign. */
export function windowOf({ from, to }: Span): Window {
  return { opens: clockOf(from), closes: clockOf(to > 1440 ? to - 1440 : to) };
}

const clockOf = (minute: number): string =>
  `${String(Math.floor(minute / 60)).padStart(2, '0')}:${String(minute % 60).padStart(2, '0')}`;
const minuteOf = (clock: string): number => Number(clock.slice(0, 2)) * 60 + Number(clock.slice(3, 5));
const monthAndDay = (date: string): string => date.slice(5);

/** What makes a day special; a date named for that year alone goes before one of every year. */
function specialOn(hours: Hours, day: number): Special | null {
  const once = hours.once.get(day);
  if (once !== undefined || hours.yearly.size === 0) return once ?? null;
  return hours.yearly.get(monthAndDay(dateOf(day))) ?? null;
}

/** The windows that begin on a day, in their order. */
function spansOn(hours: Hours, day: number): readonly Span[] {
  if (!hours.own) return specialOn(hours, day)?.spans.toSorted((a, b) => a.from - b.from) ?? usualOn(hours, day);
  const before = specialOn(hours, day - 1);
  const rest = before === null ? [] : ownWithin(hours, day - 1, before).filter(({ from }) => from >= 1440);
  const special = specialOn(hours, day);
  const today = special === null ? usualOn(hours, day) : ownWithin(hours, day, special);
  if (special === null && rest.length === 0) return today;
  return joined([...rest.map((span) => later(span, -1440)), ...today.filter(({ from }) => from < 1440)]);
}

const usualOn = (hours: Hours, day: number): readonly Span[] => hours.week[weekdayOf(day)] ?? [];

/**
 * A thing's own hours within the special ones of a day. These may pass midnight, and its own of the day before may reach
 * into them: what is its own is asked day by day on the clock on the wall, whatever is special about the days around.
 */
function ownWithin(hours: Hours, day: number, { spans }: Special): Span[] {
  const own = [-1, 0, 1].flatMap((n) => usualOn(hours, day + n).map((span) => later(span, n * 1440)));
  const both = spans.flatMap((one) => own.map((other) => common(one, other)));
  return joined(both.filter(({ from, to }) => to > from));
}

const common = (a: Span, b: Span): Span => ({ from: Math.max(a.from, b.from), to: Math.min(a.to, b.to) });
const later = ({ from, to }: Span, minutes: number): Span => ({ from: from + minutes, to: to + minutes });

/** In their order; those that touch or overlap are one. */
function joined(spans: readonly Span[]): Span[] {
  const result: Span[] = [];
  for (const span of spans.toSorted((a, b) => a.from - b.from)) {
    const last = result.at(-1);
    if (last === undefined || span.from > last.to) result.push(span);
    else result[result.length - 1] = { from: last.from, to: Math.max(last.to, span.to) };
  }
  return result;
}

export type Opening = {
  open: boolean;
  /** When it closes; null: it is closed, or never closes as far as can be told. */
  closesAt: Instant | null;
  /** When it opens next: where it is open, after it has closed. Null: not within two years. */
  opensNext: Instant | null;
};

/** How far ahead is looked. */
const horizon = 800 * dayLength;

export function opening(hours: Hours, at: Instant): Opening {
  if (!hasHours(hours)) return { open: true, closesAt: null, opensNext: null };
  let until = at;
  for (const { from, to } of stretches(hours, at)) {
    if (from > until) return told(from);
    until = Math.max(until, to);
  }
  return told(null);

  function told(opensNext: Instant | null): Opening {
    return { open: until > at, closesAt: until > at && until < at + horizon ? until : null, opensNext };
  }
}

/** When it is open from an instant on, by the time of beginning; stretches may touch and overlap. */
function* stretches(hours: Hours, at: Instant): Generator<{ from: Instant; to: Instant }> {
  for (let cursor = at; cursor < at + horizon; ) {
    const { to: change, offset } = segmentAt(hours.zone, cursor);
    const end = Math.min(change, at + horizon);
    const lastDay = dayOf(end - 1 + offset);
    for (let day = dayOf(cursor + offset) - 1; day <= lastDay; day++) {
      for (const span of spansOn(hours, day)) {
        const from = Math.max(day * dayLength + span.from * 60_000 - offset, cursor);
        const to = Math.min(day * dayLength + span.to * 60_000 - offset, end);
        if (to > from) yield { from, to };
      }
    }
    cursor = end;
  }
}

export function openAt(hours: Hours, at: Instant): boolean {
  const wall = at + segmentAt(hours.zone, at).offset;
  return [dayOf(wall) - 1, dayOf(wall)].some((day) => {
    const minute = (wall - day * dayLength) / 60_000;
    return spansOn(hours, day).some(({ from, to }) => from <= minute && minute < to);
  });
}

export const closesAt = (hours: Hours, at: Instant): Instant | null => opening(hours, at).closesAt;
export const opensNext = (hours: Hours, at: Instant): Instant | null => opening(hours, at).opensNext;

/** One day as a calendar shows it. */
export type DayHours = { date: string; weekday: Weekday; spans: readonly Span[]; holiday: string | null };

/** So many days, from the one that it is there now. */
export function daysFrom(hours: Hours, at: Instant, count: number): DayHours[] {
  const today = dayAt(hours.zone, at);
  return Array.from({ length: count }, (_, n) => ({
    date: dateOf(today + n),
    weekday: weekdays[weekdayOf(today + n)] ?? 'monday',
    spans: spansOn(hours, today + n),
    holiday: specialOn(hours, today + n)?.name ?? null,
  }));
}

/** Whether there is anything to tell: hours, or a date on which they differ. */
export const hasHours = (hours: Hours): boolean =>
  hours.once.size > 0 || hours.yearly.size > 0 || hours.week.some(([day]) => day !== wholeDay);
