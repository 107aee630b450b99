import { type Instant, iso } from '../instant.ts';

/**
 * A vendor that allows so many requests a month. What people wait for is never held back; what can wait may have cost no
 * more by now than lasts to the month's end, and the last part is people's alone.
 */
export type Spent = { used: number; allowed: number };

/** Of what is allowed: what can wait may begin with so much, and have at most so much. */
const forWhatCanWait = { atOnce: 0.05, most: 0.8 } as const;
const nearlyAll = 0.9;

/** In UTC, as TTLock reckons it we do not know: a day's difference does no harm. */
export const monthOf = (now: Instant): string => iso(now).slice(0, 7);

export function mustSpare({ used, allowed }: Spent, now: Instant): boolean {
  const { atOnce, most } = forWhatCanWait;
  return used >= allowed * (atOnce + (most - atOnce) * passedOfMonth(now));
}

export const isNearlyUsedUp = ({ used, allowed }: Spent): boolean => used >= allowed * nearlyAll;

function passedOfMonth(now: Instant): number {
  const day = new Date(now);
  const begun = Date.UTC(day.getUTCFullYear(), day.getUTCMonth());
  return (now - begun) / (Date.UTC(day.getUTCFullYear(), day.getUTCMonth() + 1) - begun);
}
