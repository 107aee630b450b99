import { dayLength, dayOfDate, weekdayOf } from './zone.ts';

/**
 * Rules of recurrence (RFC 5545, RRULE) over days: which days something falls on; the time of day is somebody else's. What
 * a calendar of guests and staff needs: daily to yearly, INTERVAL, COUNT, UNTIL, BYDAY, BYMONTHDAY, BYMONTH, BYSETPOS, WKST.
 * Days are counted since 1970 on the calendar on the wall; 0 is Monday.
 */
export type Recurrence = {
  frequency: Frequency;
  interval: number;
  /** So many days in all, from the first on. */
  count: number | null;
  /** The last day, inclusive; or the last instant that one may begin at. */
  until: { day: number } | { at: number } | null;
  /** `nth` 0: every one; from the end where negative. */
  byDay: readonly { weekday: number; nth: number }[];
  byMonthDay: readonly number[];
  byMonth: readonly number[];
  bySetPos: readonly number[];
  weekStart: number;
};

export type Frequency = 'DAILY' | 'WEEKLY' | 'MONTHLY' | 'YEARLY';

const frequencies: readonly Frequency[] = ['DAILY', 'WEEKLY', 'MONTHLY', 'YEARLY'];
const weekdayNames = ['MO', 'TU', 'WE', 'TH', 'FR', 'SA', 'SU'];
const mostTimes = 5000;

/** What is wrong with a rule, in a sentence. */
export class RuleFault extends Error {}

/** `FREQ=WEEKLY;BYDAY=MO,TU`, with or without `RRULE:` before it. Throws RuleFault. */
export function readRecurrence(text: string): Recurrence {
  const parts = new Map<string, string>();
  for (const part of text
    .trim()
    .replace(/^RRULE:/i, '')
    .replace(/;$/, '')
    .split(';')) {
    const [name = '', value = '', ...rest] = part.split('=');
    const key = name.trim().toUpperCase();
    if (key === '' || value.trim() === '' || rest.length > 0) throw new RuleFault(`"${part}" is not NAME=VALUE`);
    if (!known.has(key)) throw new RuleFault(`${key} is not supported`);
    if (parts.has(key)) throw new RuleFault(`${key} is given twice`);
    parts.set(key, value.trim().toUpperCase());
  }
  const frequency = frequencies.find((one) => one === parts.get('FREQ'));
  if (frequency === undefined) throw new RuleFault('FREQ must be DAILY, WEEKLY, MONTHLY or YEARLY');
  const rule: Recurrence = {
    frequency,
    interval: numberIn('INTERVAL', parts.get('INTERVAL') ?? '1', 1, 1000),
    count: parts.has('COUNT') ? numberIn('COUNT', parts.get('COUNT') ?? '', 1, mostTimes) : null,
    until: untilIn(parts.get('UNTIL')),
    byDay: listIn(parts.get('BYDAY'), dayIn),
    byMonthDay: listIn(parts.get('BYMONTHDAY'), (one) => signedIn('BYMONTHDAY', one, 31)),
    byMonth: listIn(parts.get('BYMONTH'), (one) => numberIn('BYMONTH', one, 1, 12)),
    bySetPos: listIn(parts.get('BYSETPOS'), (one) => signedIn('BYSETPOS', one, 366)),
    weekStart: weekdayIn('WKST', parts.get('WKST') ?? 'MO'),
  };
  refuseNonsense(rule);
  return rule;
}

const known = new Set(['FREQ', 'INTERVAL', 'COUNT', 'UNTIL', 'BYDAY', 'BYMONTHDAY', 'BYMONTH', 'BYSETPOS', 'WKST']);

function refuseNonsense(rule: Recurrence): void {
  if (rule.count !== null && rule.until !== null) throw new RuleFault('COUNT and UNTIL exclude each other');
  const counted = rule.byDay.some(({ nth }) => nth !== 0);
  if (counted && rule.frequency !== 'MONTHLY' && rule.frequency !== 'YEARLY') {
    throw new RuleFault('BYDAY takes numbers only with MONTHLY and YEARLY');
  }
  if (rule.frequency === 'WEEKLY' && rule.byMonthDay.length > 0)
    throw new RuleFault('BYMONTHDAY does not go with WEEKLY');
  if (counted && rule.frequency === 'YEARLY' && rule.byMonthDay.length > 0) {
    throw new RuleFault('A numbered BYDAY does not go with BYMONTHDAY in a year'); // calendars disagree about it
  }
  const others = rule.byDay.length + rule.byMonthDay.length + rule.byMonth.length;
  if (rule.bySetPos.length > 0 && others === 0) throw new RuleFault('BYSETPOS needs another BY rule to choose from');
}

/** Whether days are counted from the first one: then it matters which day that is. */
export const countsFromItsFirst = ({ interval, count, byDay, byMonthDay, byMonth, frequency }: Recurrence): boolean =>
  interval > 1 || count !== null || (frequency !== 'DAILY' && byDay.length + byMonthDay.length + byMonth.length === 0);

/**
 * The days of a rule from one day to another (both inclusive), in their order. `first`: the day it counts from; nothing
 * falls before it.
 */
export function* daysOf(rule: Recurrence, first: number, from: number, to: number): Generator<number> {
  const last = rule.until !== null && 'day' in rule.until ? Math.min(to, rule.until.day) : to;
  let left = rule.count ?? Number.POSITIVE_INFINITY;
  const start = periodOf(rule, first);
  const skipped = rule.count === null ? periodOf(rule, Math.max(first, from)) - start : 0;
  const end = periodOf(rule, last);
  for (let n = start + skipped - (skipped % rule.interval); n <= end; n += rule.interval) {
    for (const day of chosen(rule, daysIn(rule, first, n))) {
      if (day < first) continue;
      if (left-- <= 0 || day > last) return;
      if (day >= from) yield day;
    }
  }
}

/** The number of the period (day, week, month, year) that a day lies in. */
function periodOf({ frequency, weekStart }: Recurrence, day: number): number {
  if (frequency === 'DAILY') return day;
  if (frequency === 'WEEKLY') return Math.floor((day + 3 - weekStart) / 7);
  const { year, month } = dateAt(day);
  return frequency === 'MONTHLY' ? year * 12 + month : year;
}

/** The days of a period that fit, in their order. */
function daysIn(rule: Recurrence, first: number, period: number): number[] {
  const { frequency, byMonth, byDay, byMonthDay } = rule;
  const inMonths = (day: number) => byMonth.length === 0 || byMonth.includes(dateAt(day).month + 1);
  const onWeekdays = (day: number) => byDay.length === 0 || byDay.some((one) => one.weekday === weekdayOf(day));
  if (frequency === 'DAILY') {
    return [period].filter((day) => inMonths(day) && onWeekdays(day) && onMonthDays(byMonthDay, day));
  }
  if (frequency === 'WEEKLY') {
    const monday = period * 7 - 3 + rule.weekStart;
    const week = Array.from({ length: 7 }, (_, n) => monday + n);
    const weekdays = byDay.length === 0 ? (day: number) => weekdayOf(day) === weekdayOf(first) : onWeekdays;
    return week.filter((day) => weekdays(day) && inMonths(day));
  }
  if (frequency === 'MONTHLY') return daysOfMonth(rule, first, Math.floor(period / 12), period % 12).filter(inMonths);
  const wholeYear = byMonth.length === 0 && byMonthDay.length === 0 && byDay.length > 0;
  if (wholeYear) return nthAmong(byDay, range(dayFrom(period, 0, 1), dayFrom(period + 1, 0, 1)));
  const usual = byMonthDay.length > 0 ? range(1, 13) : [dateAt(first).month + 1];
  const months = byMonth.length === 0 ? usual : byMonth.toSorted((a, b) => a - b);
  return months.flatMap((month) => daysOfMonth(rule, first, period, month - 1));
}

function daysOfMonth({ byDay, byMonthDay }: Recurrence, first: number, year: number, month: number): number[] {
  const days = range(dayFrom(year, month, 1), dayFrom(year, month + 1, 1));
  if (byDay.length === 0 && byMonthDay.length === 0)
    return days.filter((day) => dateAt(day).date === dateAt(first).date);
  const fit = byDay.length === 0 ? days : nthAmong(byDay, days);
  return fit.filter((day) => onMonthDays(byMonthDay, day));
}

/** Those of the days that are a named weekday, or the nth such among them. */
function nthAmong(byDay: Recurrence['byDay'], days: readonly number[]): number[] {
  const fit = byDay.flatMap(({ weekday, nth }) => {
    const all = days.filter((day) => weekdayOf(day) === weekday);
    return nth === 0 ? all : [all.at(nth > 0 ? nth - 1 : nth)].filter((day) => day !== undefined);
  });
  return [...new Set(fit)].sort((a, b) => a - b);
}

function onMonthDays(byMonthDay: readonly number[], day: number): boolean {
  if (byMonthDay.length === 0) return true;
  const { year, month, date } = dateAt(day);
  const length = dayFrom(year, month + 1, 1) - dayFrom(year, month, 1);
  return byMonthDay.some((one) => date === (one > 0 ? one : length + 1 + one));
}

function chosen({ bySetPos }: Recurrence, days: number[]): number[] {
  if (bySetPos.length === 0) return days;
  const some = bySetPos.map((n) => days.at(n > 0 ? n - 1 : n)).filter((day) => day !== undefined);
  return [...new Set(some)].sort((a, b) => a - b);
}

const range = (from: number, to: number): number[] => Array.from({ length: to - from }, (_, n) => from + n);
const dayFrom = (year: number, month: number, date: number): number => Date.UTC(year, month, date) / dayLength;

function dateAt(day: number): { year: number; month: number; date: number } {
  const at = new Date(day * dayLength);
  return { year: at.getUTCFullYear(), month: at.getUTCMonth(), date: at.getUTCDate() };
}

function numberIn(name: string, text: string, least: number, most: number): number {
  const value = /^\d{1,4}$/.test(text) ? Number(text) : Number.NaN;
  if (!(value >= least && value <= most)) throw new RuleFault(`${name} must be a number from ${least} to ${most}`);
  return value;
}

function signedIn(name: string, text: string, most: number): number {
  const sign = text.startsWith('-') ? -1 : 1;
  return sign * numberIn(name, text.replace(/^[+-]/, ''), 1, most);
}

const listIn = <T>(text: string | undefined, read: (one: string) => T): T[] =>
  text === undefined ? [] : text.split(',').map((one) => read(one.trim()));

function weekdayIn(name: string, text: string): number {
  const weekday = weekdayNames.indexOf(text);
  if (weekday < 0) throw new RuleFault(`${name} must name weekdays: ${weekdayNames.join(', ')}`);
  return weekday;
}

const dayIn = (text: string) => ({
  weekday: weekdayIn('BYDAY', text.slice(-2)),
  nth: text.length === 2 ? 0 : signedIn('BYDAY', text.slice(0, -2), 53),
});

function untilIn(text: string | undefined): Recurrence['until'] {
  if (text === undefined) return null;
  const found = /^(\d{4})(\d\d)(\d\d)(?:T(\d\d)(\d\d)(\d\d)(Z?))?$/.exec(text);
  const [, year, month, date, hour, minute, second, zulu] = found ?? [];
  const day = dayOfDate(`${year}-${month}-${date}`);
  const known =
    day !== null && (hour === undefined || (Number(hour) < 24 && Number(minute) < 60 && Number(second) < 61));
  if (!known) throw new RuleFault('UNTIL must be a date: 20261224, or 20261224T170000Z');
  if (zulu !== 'Z') return { day };
  return { at: day * dayLength + (Number(hour) * 3600 + Number(minute) * 60 + Number(second)) * 1000 };
}
