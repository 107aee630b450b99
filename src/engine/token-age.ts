import type { VendorTokens } from '../drivers/lock-port.ts';
import { type Instant, minutes } from '../rules/instant.ts';

/** Renewed so long before their end that no request meets it on its way. */
const margin = minutes(1);

/** Whether these may be used: not the ones that the vendor refused, and not about to end. */
export const isFresh = (tokens: VendorTokens, stale: string | null, now: Instant): boolean =>
  tokens.access !== stale && tokens.expiresAt > now + margin;
