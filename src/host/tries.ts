import { tooManyFor } from '../rules/errors.ts';
import type { Instant } from '../rules/instant.ts';

type Options = { most: number; withinMs: number };

/**
 * Counts tries under a key, in the memory of one process: enough against impatience and guessing, no proof against more.
 */
export function createTries({ most, withinMs }: Options) {
  const counted = new Map<string, { count: number; until: Instant }>();

  /** A 429 where there were too many lately. */
  function refuse(key: string, now: Instant): void {
    const found = counted.get(key);
    if (found !== undefined && found.until > now && found.count >= most) throw tooManyFor(found.until - now);
  }

  function count(key: string, now: Instant): void {
    if (counted.size > 10_000) for (const [other, one] of counted) if (one.until <= now) counted.delete(other);
    const found = counted.get(key);
    if (found === undefined || found.until <= now) counted.set(key, { count: 1, until: now + withinMs });
    else found.count++;
  }

  return { refuse, count };
}

export type Tries = ReturnType<typeof createTries>;
