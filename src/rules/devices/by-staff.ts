import type { Instant } from '../instant.ts';

/**
 * Whether a relay that is on is on by staff's wish: within the time they asked for, and with a timer that ends it. Hardware
 * is switched on with its own timer alone, and is not called on before that was seen: without one, somebody else's hand did it.
 */
export function onByStaff(relay: { manual_until: Instant | null; auto_off_at: Instant | null }, now: Instant): boolean {
  return relay.manual_until !== null && relay.manual_until > now && relay.auto_off_at !== null;
}

/** Its own timer may end a little after ours: until then a relay that staff had switched on is no stray. */
const grace = 10_000;

export const justWasByStaff = ({ manual_until }: { manual_until: Instant | null }, now: Instant): boolean =>
  manual_until !== null && manual_until <= now && now - manual_until < grace;
