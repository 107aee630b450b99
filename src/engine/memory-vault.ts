import type { TokenVault, VendorTokens } from '../drivers/lock-port.ts';
import type { Clock } from '../host/clock.ts';
import { isFresh } from './token-age.ts';

/** Tokens of an account that is only tried out, or of a test: kept as long as the driver is. */
export function createMemoryVault(clock: Clock): TokenVault {
  let stored: VendorTokens | null = null;
  let last: Promise<unknown> = Promise.resolve();

  return {
    tokens({ stale }, renew) {
      const mine = last.then(async () => {
        if (stored !== null && isFresh(stored, stale, clock.now())) return stored;
        stored = await renew(stored);
        return stored;
      });
      last = mine.catch(() => undefined);
      return mine;
    },
  };
}
