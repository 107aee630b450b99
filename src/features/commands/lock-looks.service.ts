import type { Database } from '../../database/open.ts';
import type { LockObservation } from '../../drivers/lock-port.ts';
import type { LookFor } from '../../drivers/port.ts';
import type { Lanes, LockHardwarePort } from '../../engine/port.ts';
import type { Clock } from '../../host/clock.ts';
import { seconds } from '../../rules/instant.ts';
import { type LockRow, type LocksService, laneOfLock, thingOf } from '../locks/locks.service.ts';
import { createInTime } from './in-time.ts';
import type { LockCommandsService } from './lock-commands.service.ts';

type Deps = {
  database: Database;
  clock: Clock;
  lanes: Lanes;
  locks: LocksService;
  lockCommands: LockCommandsService;
  lockHardware: LockHardwarePort;
};

type Looked = { lock: LockRow; seen: LockObservation & { notAsked?: true } };

const patience = seconds(12);

/**
 * Looks at locks, and writes down what was seen: a bolt that is seen open also proves the unlock that nobody heard of. The
 * lock itself is asked, through the air, so in the turns of its gateway; that costs its battery a little.
 */
export function createLockLooks({ database, clock, lanes, locks, lockCommands, lockHardware }: Deps) {
  const inTime = createInTime({ clock, lanes });

  /** For people: its bolt. The lock as it is known then, also where it does not answer. */
  const now = async (lock: LockRow): Promise<LockRow> => (await seeNow(lock)).lock;

  /** The same, with what the look told. */
  const seeNow = (lock: LockRow): Promise<Looked> =>
    inTime(laneOfLock(lock), clock.now() + patience, () => look(lock, 'people'));

  /** For the round: its battery, too; null where somebody else is at its gateway. */
  const ifFree = (lock: LockRow): Promise<LockRow | null> =>
    lanes.ifFree(laneOfLock(lock), async () => (await look(lock, 'background')).lock);

  async function look(lock: LockRow, lookFor: LookFor): Promise<Looked> {
    const seen = await lockHardware.observe(thingOf(lock), lookFor);
    const known = await database.transaction('lock-looked-at', async (tx) => {
      const after = await locks.record(tx, lock, seen, 'poll');
      if (after === null) return (await locks.any(lock.organization_id, lock.id, tx)) ?? lock;
      if (seen.kind === 'lock' && seen.bolt === 'unlocked') await lockCommands.proved(tx, after, 'unlock', seen.at);
      return after;
    });
    return { lock: known, seen };
  }

  return { now, seeNow, ifFree };
}

export type LockLooks = ReturnType<typeof createLockLooks>;
