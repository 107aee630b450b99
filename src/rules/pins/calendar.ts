import { invalid } from '../errors.ts';
import type { Instant } from '../instant.ts';
import { dayLength, dayOfDate, secondOfDayAt, shownAt } from '../time/zone.ts';
import { rruleIn, type Where } from './rrule-field.ts';
import type { Schedule } from './schedule.ts';

type Line = { name: string; parameters: string; value: string };

/**
 * iCalendar text (RFC 5545) as far as a code needs it: one event with DTSTART, DTEND or DURATION, and perhaps an RRULE; with
 * or without the BEGIN and END around it. Times are in UTC (`Z`), in the zone that TZID names, or by the lock's own clock.
 */
export function readCalendar(text: string, where: Where): Schedule {
  const lines = linesOf(text);
  const start = one(lines, 'DTSTART');
  if (start === null) throw wrong('it must tell DTSTART');
  const from = instantOf(start, where);
  const until = endOf(lines, from, where);
  if (until !== null && until <= from) throw wrong('DTEND must lie after DTSTART');
  const rule = one(lines, 'RRULE');
  for (const name of ['EXDATE', 'RDATE', 'EXRULE'])
    if (one(lines, name) !== null) throw wrong(`${name} is not supported`);
  if (rule === null) {
    if (until === null) throw wrong('it must tell DTEND or DURATION');
    return { kind: 'temporary', from, until };
  }
  const zone = /TZID=([^;:]+)/i.exec(start.parameters)?.[1];
  if (zone !== undefined && zone !== where.zone) throw wrong(`what recurs is told by the lock's clock, ${where.zone}`);
  const length = (until ?? from + 3_600_000) - from;
  if (length > dayLength) throw wrong('each time of what recurs lasts a day at most');
  const startSecond = secondOfDayAt(where.zone, from);
  const end = startSecond + Math.floor(length / 1000);
  return {
    kind: 'recurring',
    rule: rruleIn('schedule', rule.value),
    startSecond,
    endSecond: end > 86_400 ? end - 86_400 : end,
    from,
  };
}

function endOf(lines: readonly Line[], from: Instant, where: Where): Instant | null {
  const end = one(lines, 'DTEND');
  if (end !== null) return instantOf(end, where);
  const duration = one(lines, 'DURATION');
  if (duration === null) return null;
  const found = /^P(?:(\d{1,3})W)?(?:(\d{1,4})D)?(?:T(?:(\d{1,4})H)?(?:(\d{1,5})M)?(?:(\d{1,6})S)?)?$/.exec(
    duration.value,
  );
  if (found === null) throw wrong('DURATION must be like PT1H30M');
  const [weeks, days, hours, minutes, seconds] = found.slice(1).map((part) => Number(part ?? 0));
  return (
    from +
    (((weeks ?? 0) * 7 + (days ?? 0)) * 86_400 + (hours ?? 0) * 3600 + (minutes ?? 0) * 60 + (seconds ?? 0)) * 1000
  );
}

/** Long lines go on in the next one, behind a blank. */
function linesOf(text: string): Line[] {
  const lines = text
    .replace(/\r?\n[ \t]/g, '')
    .split(/\r?\n/)
    .map((line) => line.trim());
  if (lines.filter((line) => /^BEGIN:VEVENT$/i.test(line)).length > 1) throw wrong('it must hold one event');
  return lines.flatMap((line) => {
    const found = /^([A-Za-z-]+)((?:;[^:]*)?):(.*)$/.exec(line);
    return found === null
      ? []
      : [{ name: (found[1] ?? '').toUpperCase(), parameters: found[2] ?? '', value: found[3] ?? '' }];
  });
}

function one(lines: readonly Line[], name: string): Line | null {
  const found = lines.filter((line) => line.name === name);
  if (found.length > 1) throw wrong(`it must tell ${name} once`);
  return found[0] ?? null;
}

function instantOf({ name, parameters, value }: Line, { zone: own }: Where): Instant {
  const found = /^(\d{4})(\d\d)(\d\d)(?:T(\d\d)(\d\d)(\d\d)(Z?))?$/.exec(value);
  const [, year, month, date, hour = '00', minute = '00', second = '00', zulu] = found ?? [];
  const day = dayOfDate(`${year}-${month}-${date}`);
  if (day === null || Number(hour) > 23 || Number(minute) > 59 || Number(second) > 59) {
    throw wrong(`${name} must be a date, like 20261224T170000Z`);
  }
  const wall = day * dayLength + (Number(hour) * 3600 + Number(minute) * 60 + Number(second)) * 1000;
  if (zulu === 'Z') return wall;
  const zone = /TZID=([^;:]+)/i.exec(parameters)?.[1] ?? own;
  try {
    return shownAt(zone, wall);
  } catch (error) {
    if (error instanceof RangeError) throw wrong(`${name} names an unknown time zone`);
    throw error;
  }
}

const wrong = (what: string) => invalid('schedule', `schedule: ${what}`);
