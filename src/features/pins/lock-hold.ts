import { type Instant, minutes, seconds } from '../../rules/instant.ts';
import type { LockCodesRow } from './lock-codes.store.ts';

/** A way to a lock that is in trouble is left alone for so long, longer each time; of a gateway that is busy not so long. */
export const pauses = { first: seconds(20), most: minutes(10), busy: seconds(4) } as const;

/** Until when nothing is written to the lock; null: it may be written now. */
export function heldUntil(codes: LockCodesRow | null, now: Instant): Instant | null {
  const until = codes?.held_until ?? null;
  if (until === null || until <= now) return null;
  return until - now <= pauses.most ? until : null; // further ahead: the clock was set back
}
