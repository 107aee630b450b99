/**
 * An instant: milliseconds since 1970 in UTC. Rules reckon in instants; zones come in only where a rule speaks of a
 * wall clock. `now` is always handed in: nothing under rules/ reads a clock.
 */
export type Instant = number;

export const seconds = (n: number): number => n * 1000;
export const minutes = (n: number): number => n * 60_000;
export const hours = (n: number): number => n * 3_600_000;

/** Clocks of two processes differ by less; what lies further ahead than this was written before the clock was set back. */
export const clockTolerance = seconds(5);

/** How long ago it was; null where it lies ahead, because the clock was set back: then nobody knows. */
export function ageOf(at: Instant, now: Instant): number | null {
  return at > now + clockTolerance ? null : Math.max(0, now - at);
}

/** ISO-8601 in UTC with `Z`, as every API writes instants; null stays null. */
export function iso(at: Instant): string;
export function iso(at: Instant | null): string | null;
export function iso(at: Instant | null): string | null {
  return at === null ? null : new Date(at).toISOString();
}
