import { hours, type Instant, minutes } from '../instant.ts';

/** What is raised within this time goes out as one mail. */
export const collectFor = minutes(1);
/** About one thing a reader hears no more often than this. */
export const quietFor = hours(1);

/** A mail about the same thing to the same reader: yet to go out, or gone out within the time of quiet. */
export type Told = {
  /** The notice that it tells of. */
  noticeId: string | null;
  onlyIfStanding: boolean;
} & ({ kind: 'waiting'; goesOutAt: Instant } | { kind: 'under-way' } | { kind: 'gone-out'; at: Instant });

export type Telling =
  /** A mail that is yet to go out tells it as it stands then. */
  | { kind: 'will-be-told' }
  /** `onlyIfStanding`: it was held back, and is not told if it is over by then. */
  | { kind: 'tell'; at: Instant; onlyIfStanding: boolean };

/**
 * When a reader is told of a notice that was raised now. At once where they have heard nothing of this thing within the
 * hour; else at the end of that hour what stands then. So nothing that stands is left untold, however it came and went.
 */
export function telling(noticeId: string, before: readonly Told[], now: Instant): Telling {
  const waiting = before.find((one) => one.kind === 'waiting');
  if (waiting !== undefined) {
    if (before.some((one) => one.kind === 'waiting' && one.noticeId === noticeId)) return { kind: 'will-be-told' };
    return { kind: 'tell', at: waiting.goesOutAt, onlyIfStanding: waiting.onlyIfStanding };
  }
  // no later than now, though the clock may have been set back
  const last = Math.max(...before.map((one) => (one.kind === 'gone-out' ? Math.min(one.at, now) : now)));
  if (last <= now - quietFor) return { kind: 'tell', at: now + collectFor, onlyIfStanding: false };
  return { kind: 'tell', at: Math.max(last + quietFor, now + collectFor), onlyIfStanding: true };
}
