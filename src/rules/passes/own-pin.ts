import { ageOf, type Instant, seconds } from '../instant.ts';
import type { PinState } from '../pins/pin.ts';
import type { Window } from './pass.ts';

/**
 * What a guest who has paid may hope for of digits of our own that are on their way to the lock. `loaded`: they open it.
 * `hopeless`: another way in is made instead, and they go again.
 */
export type Outlook = 'loaded' | 'coming' | 'hopeless';

/** A PIN that was bought, as far as this asks. */
export type BoughtPin = {
  state: PinState;
  since: Instant;
  window: Window;
  /** When something is done for it next; null: never. */
  wakeAt: Instant | null;
  /** Nothing is written to its lock before then, since the way there is in trouble. */
  heldUntil: Instant | null;
};

export const pinPatience = {
  /** So long a guest waits for it: enough for a lost answer to be looked after. */
  inAll: seconds(25),
  /** A gateway that is busy, or an answer that was lost, is asked about sooner; what failed is not tried again so soon. */
  nextTry: seconds(8),
} as const;

export function outlookOf({ state, since, window, wakeAt, heldUntil }: BoughtPin, now: Instant): Outlook {
  // seen so late, after a crash, that half of the time is over: a guest pays for all of it
  if (state === 'loaded') return now < (window.from + window.until) / 2 ? 'loaded' : 'hopeless';
  if (state !== 'created' && state !== 'updating') return 'hopeless'; // somebody takes it away
  const age = ageOf(since, now);
  if (age === null || age > pinPatience.inAll || wakeAt === null) return 'hopeless';
  return Math.max(wakeAt, heldUntil ?? now) - now > pinPatience.nextTry ? 'hopeless' : 'coming';
}
