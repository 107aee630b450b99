import { ageOf, type Instant, minutes } from '../instant.ts';

/** What was seen longer ago than this is shown as old: a lock may have been turned by hand since. */
const freshFor = minutes(15);

export const isStale = (observedAt: Instant | null, now: Instant): boolean => {
  const age = observedAt === null ? null : ageOf(observedAt, now);
  return age === null || age > freshFor;
};

/** The lane of a lock: whatever shares its radio comes one after the other. */
export const laneName = (organizationId: string, bridgeId: string | null, lockId: string): string =>
  `lock:${organizationId}:${bridgeId ?? lockId}`;
