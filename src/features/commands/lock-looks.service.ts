import type { Database } from '../../database/open.ts';
import type { LookFor } from '../../drivers/port.ts';
import type { LockHardwarePort } from '../../engine/port.ts';
import type { Clock } from '../../host/clock.ts';
import { type LockRow, type LocksService, thingOf } from '../locks/locks.service.ts';
import type { LockCommandsService } from './lock-commands.service.ts';

type Deps = {
  database: Database;
  clock: Clock;
  locks: LocksService;
  lockCommands: LockCommandsService;
  lockHardware: LockHardwarePort;
};

/** Looks at locks, and writes down what was seen: a bolt that is seen open also proves the unlock that nobody heard of. */
export function createLockLooks({ database, locks, lockCommands, lockHardware }: Deps) {
  /**
   * `people`: the lock itself is asked, which costs its battery a little; `background`: what the vendor has stored will do.
   * The lock as it is known then.
   */
  async function look(lock: LockRow, lookFor: LookFor): Promise<LockRow> {
    const seen = await lockHardware.observe(thingOf(lock), lookFor);
    return database.transaction('lock-looked-at', async (tx) => {
      const stored = lookFor === 'background';
      const after = await locks.record(tx, lock, seen, 'poll', { stored });
      if (after === null) return (await locks.any(lock.organization_id, lock.id, tx)) ?? lock;
      if (seen.kind === 'lock' && !stored && seen.bolt === 'unlocked') {
        await lockCommands.proved(tx, after, 'unlock', seen.at);
      }
      return after;
    });
  }

  return { look };
}

export type LockLooks = ReturnType<typeof createLockLooks>;
