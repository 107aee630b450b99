import { ageOf, type Instant } from '../instant.ts';
import type { PinFacts, Placed } from './pin.ts';
import { suspension } from './told.ts';

/**
 * What was written before the clock was set back lies ahead, and tells nothing of when: what was begun then counts as begun
 * now, and nothing is held up until that time comes again.
 */
export function asOfNow<P extends PinFacts>(pin: P, now: Instant): P {
  const liesAhead = (at: Instant): boolean => ageOf(at, now) === null;
  const { present, old, attempt, full, ...rest } = pin.placement;
  const placed = (one: Placed | null): Placed | null => (one !== null && liesAhead(one.at) ? { ...one, at: now } : one);
  const suspended = pin.suspendedUntil !== null && pin.suspendedUntil - now <= suspension.most;
  return {
    ...pin,
    suspendedUntil: suspended ? pin.suspendedUntil : null,
    placement: {
      ...rest,
      present: placed(present),
      old: placed(old),
      attempt: attempt !== null && liesAhead(attempt.at) ? { ...attempt, at: now } : attempt,
      ...(full === undefined || liesAhead(full.at) ? {} : { full }),
    },
  };
}
