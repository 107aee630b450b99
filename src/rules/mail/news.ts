import { hours, type Instant } from '../instant.ts';

/**
 * A guest is told of what happened within this, or not at all. News of an old payment may come any time (a repeat, a
 * dispute months later, mail switched on for the first time): a receipt for what somebody has long forgotten frightens.
 * It is long enough for a mail that was held up over a weekend's outage, when the address came late.
 */
export const newsFor = hours(48);

export const isNews = (since: Instant, now: Instant): boolean => now - since <= newsFor;
