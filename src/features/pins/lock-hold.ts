import { ageOf, type Instant, minutes, seconds } from '../../rules/instant.ts';
import type { LockCodesRow } from './lock-codes.store.ts';

/** A way to a lock that is in trouble is left alone for so long, longer each time; of a gateway that is busy not so long. */
export const pauses = { first: seconds(20), most: minutes(10), busy: seconds(4) } as const;

/** Until when nothing is written to the lock; null: it may be written now. */
export function heldUntil(codes: LockCodesRow | null, now: Instant): Instant | null {
  const { held_since: since = null, held_until: until = null } = codes ?? {};
  if (until === null || until <= now) return null;
  // what lies ahead of now, or further than a pause is long, was written before the clock was set back
  const isOfNow = since === null || ageOf(since, now) !== null;
  return isOfNow && until - now <= pauses.most ? until : null;
}
