import { hours, type Instant, minutes } from '../instant.ts';

/** A mail that could not be handed over for so long is given up: nobody waits for a receipt of last week. */
const patience = hours(72);

/**
 * How often a mail may be sent without our hearing whether it was taken. It carries the same Message-ID each time, but a
 * server that takes mails and never says so must not fill a guest's inbox.
 */
export const mostUnsure = 3;

export const isTooOld = (createdAt: Instant, now: Instant): boolean => now - createdAt > patience;

/** Milliseconds until the next try, after so many: a minute at first (greylisting), then growing to six hours. */
export function pauseAfter(attempts: number, unsure: boolean): number {
  const pause = Math.min(hours(6), minutes(1) * 2 ** Math.min(20, Math.max(0, attempts - 1)));
  return unsure ? Math.max(minutes(10), pause) : pause;
}
