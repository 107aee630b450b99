import { invalid } from '../errors.ts';
import type { Instant } from '../instant.ts';
import { countsFromItsFirst, readRecurrence } from '../time/recurrence.ts';
import { secondOfDayAt } from '../time/zone.ts';
import { readCalendar } from './calendar.ts';
import { rruleIn, type Where } from './rrule-field.ts';
import type { Schedule } from './schedule.ts';

export const accessTypes = ['always', 'temporary', 'recurring', 'oneTime'] as const;
export type AccessType = (typeof accessTypes)[number];

/** The times of a code as its caller wrote them; echoed to the letter. */
export type Written = { accessTimes?: string; accessRecurrence?: string; schedule?: string };

/**
 * The formats of the Yale API (reference/yale-august.md 5.2): `DTSTART=…;DTEND=…` in UTC with milliseconds, or STARTSEC and
 * ENDSEC: since 1970 for temporary codes, from midnight for recurring ones; an RRULE beside it; or iCalendar text in place
 * of both. Throws a 400 that names the field.
 */
export function readWritten(accessType: AccessType, written: Written, where: Where): Schedule {
  const { accessTimes, accessRecurrence, schedule } = written;
  if (schedule !== undefined) return fitting(accessType, readCalendar(schedule, where));
  if (accessType === 'always') {
    const [other] = Object.keys(written);
    if (other !== undefined) throw invalid(other, `${other} does not go with accessType always`);
    return { kind: 'always' };
  }
  if (accessType === 'oneTime') {
    if (accessTimes === undefined) return { kind: 'oneTime', from: where.now };
    const { from, until } = readTimes(accessTimes);
    return { kind: 'oneTime', from, ...(until === null ? {} : { until }) };
  }
  if (accessTimes === undefined) throw invalid('accessTimes', `accessTimes is required for ${accessType}`);
  if (accessType === 'temporary') {
    const { from, until } = readTimes(accessTimes);
    if (until === null) throw invalid('accessTimes', 'accessTimes must tell the end, too');
    return { kind: 'temporary', from, until };
  }
  if (accessRecurrence === undefined) throw invalid('accessRecurrence', 'accessRecurrence is required for recurring');
  return anchored(
    { kind: 'recurring', rule: rruleIn('accessRecurrence', accessRecurrence), ...readTimeOfDay(accessTimes, where) },
    where,
  );
}

/** A rule that counts from its first day needs one: the day that it is made. */
export function anchored(schedule: Schedule, { now }: Where): Schedule {
  if (schedule.kind !== 'recurring' || schedule.from !== undefined) return schedule;
  return countsFromItsFirst(readRecurrence(schedule.rule)) ? { ...schedule, from: now } : schedule;
}

/** A schedule that a caller wrote out in fields of its own. */
export function checkedSchedule(field: string, schedule: Schedule, where: Where): Schedule {
  if (schedule.kind === 'always') return schedule;
  const { from, until } = schedule;
  if (from !== undefined && until !== undefined && until <= from) {
    throw invalid(field, `${field}: the end must lie after the beginning`);
  }
  if (schedule.kind !== 'recurring') return schedule;
  secondsIn(field, schedule.startSecond, 86_399);
  secondsIn(field, schedule.endSecond, 86_400);
  return anchored({ ...schedule, rule: rruleIn(field, schedule.rule) }, where);
}

function fitting(accessType: AccessType, schedule: Schedule): Schedule {
  if (schedule.kind === accessType) return schedule;
  if (accessType === 'oneTime' && schedule.kind === 'temporary') return { ...schedule, kind: 'oneTime' };
  throw invalid('schedule', `schedule tells a ${schedule.kind} code, and accessType is ${accessType}`);
}

const stamp = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/;

function readTimes(text: string): { from: Instant; until: Instant | null } {
  const parts = partsOf(text);
  const epoch = parts.has('STARTSEC') || parts.has('ENDSEC');
  const [start, end] = epoch ? ['STARTSEC', 'ENDSEC'] : ['DTSTART', 'DTEND'];
  refuseOthers(parts, [start, end]);
  const read = epoch ? (name: string) => epochIn(name, parts) : (name: string) => stampIn(name, parts);
  const [from, until] = [read(start), read(end)];
  if (from === null) throw invalid('accessTimes', `accessTimes must tell ${start}`);
  if (until !== null && until <= from) throw invalid('accessTimes', `${end} must lie after ${start}`);
  return { from, until };
}

/** In seconds of the lock's day; an end that is left out is an hour later. */
function readTimeOfDay(text: string, { zone }: Where): { startSecond: number; endSecond: number } {
  const parts = partsOf(text);
  if (!parts.has('DTSTART')) {
    refuseOthers(parts, ['STARTSEC', 'ENDSEC']);
    const start = secondsOfDay('STARTSEC', parts, 86_399);
    if (start === null) throw invalid('accessTimes', 'accessTimes must tell STARTSEC');
    return { startSecond: start, endSecond: secondsOfDay('ENDSEC', parts, 86_400) ?? hourLater(start) };
  }
  refuseOthers(parts, ['DTSTART', 'DTEND']);
  const { from, until } = readTimes(text);
  const startSecond = secondOfDayAt(zone, from);
  return { startSecond, endSecond: until === null ? hourLater(startSecond) : secondOfDayAt(zone, until) };
}

const hourLater = (second: number): number => (second + 3600 > 86_400 ? second + 3600 - 86_400 : second + 3600);

function partsOf(text: string): Map<string, string> {
  const parts = new Map<string, string>();
  for (const part of text.replace(/;$/, '').split(';')) {
    const [name = '', value = '', ...rest] = part.split('=');
    if (value === '' || rest.length > 0) throw invalid('accessTimes', `accessTimes: "${part}" is not NAME=VALUE`);
    if (parts.has(name)) throw invalid('accessTimes', `accessTimes: ${name} is given twice`);
    parts.set(name, value);
  }
  return parts;
}

function refuseOthers(parts: Map<string, string>, names: readonly string[]): void {
  const other = [...parts.keys()].find((name) => !names.includes(name));
  if (other !== undefined)
    throw invalid('accessTimes', `accessTimes: ${other} is not expected beside ${names.join(' and ')}`);
}

function stampIn(name: string, parts: Map<string, string>): Instant | null {
  const text = parts.get(name);
  if (text === undefined) return null;
  const at = stamp.test(text) ? Date.parse(text) : Number.NaN;
  if (Number.isNaN(at)) throw invalid('accessTimes', `${name} must match YYYY-MM-DDTHH:mm:ss.SSSZ`);
  return at;
}

function epochIn(name: string, parts: Map<string, string>): Instant | null {
  const text = parts.get(name);
  if (text === undefined) return null;
  if (!/^\d{1,11}$/.test(text)) throw invalid('accessTimes', `${name} must be seconds since 1970`);
  return Number(text) * 1000;
}

function secondsOfDay(name: string, parts: Map<string, string>, most: number): number | null {
  const text = parts.get(name);
  if (text === undefined) return null;
  return secondsIn('accessTimes', /^\d{1,5}$/.test(text) ? Number(text) : Number.NaN, most, name);
}

function secondsIn(field: string, value: number, most: number, name = field): number {
  if (Number.isInteger(value) && value >= 0 && value <= most) return value;
  throw invalid(field, `${name} must be seconds from midnight, 0 to ${most}`);
}
