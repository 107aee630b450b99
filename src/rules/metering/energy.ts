/** What a run has used, and what the relay's counter showed when that was last added up; watt-hours, null: not known. */
export type Meter = { used: number | null; counter: number | null };

export const unmetered: Meter = { used: null, counter: null };

/**
 * One more reading of the relay's counter. A reading without one changes nothing: the next tells the sum of both. A
 * counter that went back began anew, or fell back to what it last saved before a power cut: nothing can be told of the
 * time between, so it counts nothing, and reckoning goes on from there. The figure is rather too small than too large.
 */
export function metered({ used, counter }: Meter, now: number | null): Meter {
  if (now === null) return { used, counter };
  if (counter === null) return { used: used ?? 0, counter: now };
  return { used: (used ?? 0) + Math.max(0, now - counter), counter: now };
}
