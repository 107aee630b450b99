import { tooManyFor } from '../rules/errors.ts';
import { type Instant, minutes } from '../rules/instant.ts';

type Deps = { clock: { now(): Instant }; most?: number; withinMs?: number };

/**
 * Guesses at short codes, of one address and in all, counted in this process: whoever types a code wrong a few times is
 * not kept out, and nobody walks through all of them.
 */
export function createGuesses({ clock, most = 20, withinMs = minutes(10) }: Deps) {
  const wrong = new Map<string, { count: number; until: Instant }>();
  const everybody = 'everybody';
  const mostOfAll = most * 50;

  /** A 429 where too many were wrong lately. */
  function refuse(ip: string): void {
    const now = clock.now();
    for (const [who, limit] of [
      [ip, most],
      [everybody, mostOfAll],
    ] as const) {
      const found = wrong.get(who);
      if (found !== undefined && found.until > now && found.count >= limit) throw tooManyFor(found.until - now);
    }
  }

  function missed(ip: string): void {
    const now = clock.now();
    if (wrong.size > 10_000) for (const [who, one] of wrong) if (one.until <= now) wrong.delete(who);
    for (const who of [ip, everybody]) {
      const found = wrong.get(who);
      if (found === undefined || found.until <= now) wrong.set(who, { count: 1, until: now + withinMs });
      else found.count++;
    }
  }

  return { refuse, missed };
}
