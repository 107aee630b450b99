import type { LockHardware } from '../drivers/lock-port.ts';
import type { Driver } from '../drivers/port.ts';
import type { Clock } from '../host/clock.ts';
import { seconds } from '../rules/instant.ts';
import { asProblem } from './as-problem.ts';
import type { OpenDrivers } from './open-drivers.ts';
import type { LockListsPort } from './port.ts';

/** Pages of locks, of gateways, and of what hangs on each. */
const deadline = seconds(25);

/** What locks an account has. Only people ask, so it is never held back. */
export function createLockLists({ clock, drivers }: { clock: Clock; drivers: OpenDrivers }): LockListsPort {
  const listed = async ({ locks }: Driver): Promise<LockHardware[]> =>
    locks === undefined ? [] : locks.list(clock.deadline(deadline)).catch(asProblem);

  return {
    async list(organizationId, id) {
      const taken = await drivers.take(organizationId, id);
      try {
        return await listed(taken.driver);
      } finally {
        taken.release();
      }
    },

    async signIn(organizationId, id, step) {
      const taken = await drivers.take(organizationId, id);
      try {
        return (await taken.driver.signIn?.(step)) ?? null;
      } finally {
        taken.release();
      }
    },

    async tryOut(vendor, config) {
      const driver = await drivers.once(vendor, config);
      try {
        return await listed(driver);
      } finally {
        await driver.close?.();
      }
    },
  };
}
