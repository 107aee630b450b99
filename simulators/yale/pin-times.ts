/** When a code opens, as its times are written (`DTSTART=…;DTEND=…`, `STARTSEC=…;ENDSEC=…`, an RRULE's body). */
import { refusal } from './errors.ts';
import type { Access } from './lock-data.ts';

const HOUR_SECONDS = 3600;
const isoMillis = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/;

type Span = { from: number; until: number }; // epoch milliseconds
type Fields = Record<string, string>;

const fieldsOf = (text: string): Fields =>
  Object.fromEntries(text.split(';').map((one) => one.split('=', 2) as [string, string]));

/** Throws a Refusal where they are not written as they must be. */
export function checkAccess({ accessType, accessTimes, accessRecurrence }: Access, now: number): void {
  if (accessType === 'always' || accessType === 'oneTime') return;
  if (accessTimes === null) throw refusal('BadRequest', `accessTimes is required for ${accessType}`);
  if (accessType === 'temporary') {
    const { from, until } = spanOf(accessTimes);
    if (until <= from || until <= now)
      throw refusal('BadRequest', 'The end must be later than the start, and than now');
    return;
  }
  if (accessRecurrence === null) throw refusal('BadRequest', 'accessRecurrence is required for recurring');
  if (!/^FREQ=(DAILY|WEEKLY|MONTHLY)(;[A-Z]+=[A-Z0-9,+-]+)*$/.test(accessRecurrence)) {
    throw refusal('BadRequest', 'accessRecurrence must be an RRULE without its name');
  }
  secondsOf(accessTimes);
}

export function spanOf(accessTimes: string): Span {
  const { DTSTART, DTEND, STARTSEC, ENDSEC } = fieldsOf(accessTimes);
  if (STARTSEC !== undefined && ENDSEC !== undefined)
    return { from: Number(STARTSEC) * 1000, until: Number(ENDSEC) * 1000 };
  if (!isoMillis.test(DTSTART ?? '') || !isoMillis.test(DTEND ?? '')) {
    throw refusal('BadRequest', 'DTSTART and DTEND must match YYYY-MM-DDTHH:mm:ss.SSSZ');
  }
  return { from: Date.parse(DTSTART ?? ''), until: Date.parse(DTEND ?? '') };
}

/** From midnight, by the lock's own clock. */
function secondsOf(accessTimes: string): { from: number; until: number } {
  const { STARTSEC, ENDSEC } = fieldsOf(accessTimes);
  if (!/^\d{1,5}$/.test(STARTSEC ?? '')) throw refusal('BadRequest', 'STARTSEC must be seconds from midnight');
  const from = Number(STARTSEC);
  return { from, until: ENDSEC === undefined ? from + HOUR_SECONDS : Number(ENDSEC) };
}

const weekdays = ['SU', 'MO', 'TU', 'WE', 'TH', 'FR', 'SA'];
const short: Record<string, number> = { Sun: 0, Mon: 1, Tue: 2, Wed: 3, Thu: 4, Fri: 5, Sat: 6 };

/** Whether a code with these times opens now. */
export function opensAt(access: Access, now: number, timeZone: string): boolean {
  if (access.accessType === 'always' || access.accessType === 'oneTime') return true;
  const times = access.accessTimes ?? '';
  if (access.accessType === 'temporary') {
    const { from, until } = spanOf(times);
    return now >= from && now < until;
  }
  const { second, weekday, monthday } = localAt(now, timeZone);
  const { from, until } = secondsOf(times);
  const { FREQ, BYDAY, BYMONTHDAY } = fieldsOf(access.accessRecurrence ?? '');
  const today =
    FREQ === 'MONTHLY'
      ? (BYMONTHDAY ?? '').split(',').includes(String(monthday))
      : BYDAY === undefined || BYDAY.split(',').includes(weekdays[weekday] ?? '');
  return today && second >= from && second < until;
}

function localAt(now: number, timeZone: string): { second: number; weekday: number; monthday: number } {
  const format = new Intl.DateTimeFormat('en-US', {
    timeZone,
    hourCycle: 'h23',
    weekday: 'short',
    day: 'numeric',
    hour: 'numeric',
    minute: 'numeric',
    second: 'numeric',
  });
  const parts = Object.fromEntries(format.formatToParts(now).map(({ type, value }) => [type, value]));
  const number = (name: string): number => Number(parts[name] ?? 0);
  return {
    second: number('hour') * HOUR_SECONDS + number('minute') * 60 + number('second'),
    weekday: short[parts.weekday ?? ''] ?? 0,
    monthday: number('day'),
  };
}
