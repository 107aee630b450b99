import { type Instant, minutes } from '../instant.ts';

/** Three minutes in which a device is kept for the guest who is paying. */
export const holdFor = minutes(3);

/**
 * When a hold ends, as it was written down. One that ends much later than any hold does was made before the clock was set
 * back, and is over: nobody is kept from a machine for hours.
 */
export const endOfHold = (written: Instant, now: Instant): Instant => (written > now + 2 * holdFor ? now : written);

export type Hold = { mine: boolean; planId: string; expiresAt: Instant };

/**
 * May this guest begin to pay for this device now? `reuse`: the holder's own repeat gets the same checkout. `take`: the
 * device becomes the guest's; with `supersede` the checkout of the hold before it has to be expired.
 */
export type HoldDecision =
  | { kind: 'held'; retryAfterSeconds: number }
  | { kind: 'reuse' }
  | { kind: 'take'; supersede: boolean };

export function decideHold(hold: Hold | null, planId: string, now: Instant): HoldDecision {
  if (hold === null) return { kind: 'take', supersede: false };
  const running = hold.expiresAt > now;
  if (hold.mine) return hold.planId === planId ? { kind: 'reuse' } : { kind: 'take', supersede: true };
  if (running) return { kind: 'held', retryAfterSeconds: Math.max(1, Math.ceil((hold.expiresAt - now) / 1000)) };
  return { kind: 'take', supersede: true };
}
