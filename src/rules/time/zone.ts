import { Temporal } from 'temporal-polyfill';
import type { Instant } from '../instant.ts';

/** A stretch of time in which a zone keeps its distance from UTC: the clock on the wall shows instant + offset. */
export type Segment = { from: Instant; to: Instant; offset: number };

export const dayLength = 86_400_000;

/**
 * The segment of an IANA zone that an instant lies in, from that instant (or earlier) to the next change of the clocks.
 * Zones change twice a year at most and asking for it costs milliseconds, so what was found out is kept.
 */
export function segmentAt(zone: string, at: Instant): Segment {
  const segments = known.get(zone) ?? [];
  const found = segments.find((segment) => segment.from <= at && at < segment.to);
  if (found !== undefined) return found;
  const local = Temporal.Instant.fromEpochMilliseconds(at).toZonedDateTimeISO(zone);
  const next: Temporal.ZonedDateTime | null | undefined = local.getTimeZoneTransition('next'); // undefined in the polyfill
  const to = next?.epochMilliseconds ?? Number.POSITIVE_INFINITY;
  const segment = { from: at, to, offset: local.offsetNanoseconds / 1e6 };
  const others = segments.filter((other) => other.to !== to); // the same one, known from a later instant on
  known.set(zone, [segment, ...others].slice(0, keptPerZone));
  return segment;
}

const keptPerZone = 8;
const known = new Map<string, Segment[]>();

/** Days since 1970 of a wall clock (instant + offset). */
export const dayOf = (wall: number): number => Math.floor(wall / dayLength);

/** The day that the calendar on the wall shows. */
export const dayAt = (zone: string, at: Instant): number => dayOf(at + segmentAt(zone, at).offset);

/** 0 is Monday. */
export const weekdayOf = (day: number): number => (((day + 3) % 7) + 7) % 7;

/** `2026-12-24` of a day. */
export const dateOf = (day: number): string => new Date(day * dayLength).toISOString().slice(0, 10);

/** The day of `2026-12-24`; null where the calendar has no such date. */
export function dayOfDate(date: string): number | null {
  const at = /^\d{4}-\d\d-\d\d$/.test(date) ? Date.parse(`${date}T00:00:00Z`) : Number.NaN;
  const day = at / dayLength;
  return Number.isInteger(day) && dateOf(day) === date ? day : null;
}

/** What the clock on the wall shows, in whole seconds from midnight. */
export function secondOfDayAt(zone: string, at: Instant): number {
  const wall = at + segmentAt(zone, at).offset;
  return Math.floor((wall - dayOf(wall) * dayLength) / 1000);
}

/** When the clock on the wall shows a time first; where that time is left out, as much later as the clocks were put on. */
export function shownAt(zone: string, wall: number): Instant {
  const plain = Temporal.Instant.fromEpochMilliseconds(wall).toZonedDateTimeISO('UTC').toPlainDateTime();
  return plain.toZonedDateTime(zone).epochMilliseconds;
}
