/** What a run has used, and what the relay's counter showed when that was last added up; watt-hours, null: not known. */
export type Meter = { used: number | null; counter: number | null };

export const unmetered: Meter = { used: null, counter: null };

/**
 * What a counter is known to show after one more look. A 0 after more than that tells nothing: it has forgotten, or had a
 * bad moment and shows its old figure next, and a counter's whole life must not be taken for what one run has used.
 */
export const shown = (counter: number | null, now: number | null): number | null =>
  now === null || (now === 0 && counter !== null) ? counter : now;

/**
 * One more reading of the relay's counter. A reading without one changes nothing: the next tells the sum of both. A
 * counter that went back began anew, or fell back to what it last saved before a power cut: nothing can be told of the
 * time between, so it counts nothing, and reckoning goes on from there. The figure is rather too small than too large.
 */
export function metered({ used, counter }: Meter, told: number | null): Meter {
  const now = shown(counter, told);
  if (told === null || now === null) return { used, counter };
  return { used: (used ?? 0) + Math.max(0, now - (counter ?? now)), counter: now };
}
