/** Time as a lock's own clock shows it: a fixed offset from UTC, no summer time. */
export const MINUTE = 60_000;
export const HOUR = 60 * MINUTE;
export const DAY = 24 * HOUR;

/** Days since 1970 on the lock's calendar. */
export const dayOf = (at: number, offsetMs: number): number => Math.floor((at + offsetMs) / DAY);

/** 1: Monday … 7: Sunday. 1970 began on a Thursday. */
export const weekdayOf = (day: number): number => ((((day + 3) % 7) + 7) % 7) + 1;

/** Minutes since the lock's midnight, with their fraction. */
export const minutesOf = (at: number, offsetMs: number): number => (at + offsetMs - dayOf(at, offsetMs) * DAY) / MINUTE;

/** The instant of a minute of the lock's day. */
export const instantOf = (day: number, minutes: number, offsetMs: number): number =>
  day * DAY + minutes * MINUTE - offsetMs;

export const isWholeHour = (at: number, offsetMs: number): boolean => (at + offsetMs) % HOUR === 0;
export const hourOf = (at: number, offsetMs: number): number => at - ((at + offsetMs) % HOUR);
export const minuteOf = (at: number): number => at - (at % MINUTE);

/** A stretch of each of these days. `end` at or before `start` reaches into the next day. */
export type Stretch = { weekDays: number[]; start: number; end: number };

/** Whether the lock's clock is in the stretch. */
export function isWithin({ weekDays, start, end }: Stretch, at: number, offsetMs: number): boolean {
  const day = dayOf(at, offsetMs);
  const minutes = minutesOf(at, offsetMs);
  const begins = (on: number) => weekDays.includes(weekdayOf(on));
  if (end > start) return begins(day) && minutes >= start && minutes < end;
  return (begins(day) && minutes >= start) || (begins(day - 1) && minutes < end);
}

/** When one of the stretches begins or ends next, after `at`. */
export function nextEdge(stretches: readonly Stretch[], at: number, offsetMs: number): number | null {
  const today = dayOf(at, offsetMs);
  const edges = stretches.flatMap(({ weekDays, start, end }) =>
    Array.from({ length: 10 }, (_, i) => today - 1 + i)
      .filter((day) => weekDays.includes(weekdayOf(day)))
      .flatMap((day) => [start, end > start ? end : end + 1440].map((minutes) => instantOf(day, minutes, offsetMs))),
  );
  const later = edges.filter((edge) => edge > at);
  return later.length === 0 ? null : Math.min(...later);
}
