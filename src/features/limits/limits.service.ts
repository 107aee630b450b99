import type { Database } from '../../database/open.ts';
import type { Clock } from '../../host/clock.ts';
import type { SecretBox } from '../../host/secret-box.ts';
import { tooManyFor } from '../../rules/errors.ts';
import { countTry, findTries, forgetTriesBefore } from './tries.store.ts';

type Deps = { database: Pick<Database, 'read'>; clock: Clock; box: SecretBox };
type Options = { most: number; withinMs: number };

/** How often something may be tried within a time, over all processes. Keys are hashed: addresses of guests are theirs. */
export function createLimits({ database, clock, box }: Deps) {
  function tries(what: string, { most, withinMs }: Options) {
    const hashed = (key: string): Buffer => box.hash('tries', `${what}:${key}`);

    /** A 429 where there were too many lately. */
    async function refuse(key: string): Promise<void> {
      const left = leftOf(await findTries(database.read, hashed(key)), 0);
      if (left > 0) throw tooManyFor(left);
    }

    /** Counts one more; a 429 where it is one too many. */
    async function count(key: string): Promise<void> {
      const left = leftOf(await countTry(database.read, hashed(key), withinMs, clock.now()), 1);
      if (left > 0) throw tooManyFor(left);
    }

    /** Milliseconds until it may be tried again. */
    function leftOf(tried: { count: number; until: number } | null, counted: 0 | 1): number {
      if (tried === null || tried.count < most + counted) return 0;
      const left = tried.until - clock.now();
      return left > withinMs ? 0 : Math.max(0, left); // the clock was set back
    }

    return { refuse, count };
  }

  const forgetOld = (): Promise<void> => forgetTriesBefore(database.read, clock.now());

  return { tries, forgetOld };
}

export type Limits = ReturnType<typeof createLimits>;
export type Tries = ReturnType<Limits['tries']>;
