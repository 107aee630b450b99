import type { Database } from '../../database/open.ts';
import type { LookFor } from '../../drivers/port.ts';
import type { Clock } from '../../host/clock.ts';
import { Problem } from '../../rules/errors.ts';
import { minutes, seconds } from '../../rules/instant.ts';
import type { PlacesService } from '../access/places.service.ts';
import type { LockCommandsService } from '../commands/lock-commands.service.ts';
import type { LocksService } from '../locks/locks.service.ts';
import type { NoticesService } from '../notices/notices.service.ts';
import type { DoorRow, DoorsService } from './doors.service.ts';
import { always } from './passage.ts';

/** Nobody need see to that: it is over soon, or was ordered. */
const passing = ['busy', 'emergency'];

type Deps = {
  database: Database;
  clock: Clock;
  notices: NoticesService;
  doors: DoorsService;
  places: PlacesService;
  locks: LocksService;
  lockCommands: LockCommandsService;
};

/**
 * Tells locks whether they are free to pass, until they have taken it. A place in an emergency is left to those who
 * declared it; afterwards it is told anew.
 */
export function createPassages({ database, clock, notices, doors, places, locks, lockCommands }: Deps) {
  /** One try. What comes of it stands in the door. */
  async function tell(door: DoorRow, need: LookFor): Promise<void> {
    const lock = door.lock_id === null ? null : await locks.any(door.organization_id, door.lock_id);
    if (lock === null || lock.deleted_at !== null) return settled(door, { due: null, trouble: null });
    if (!lock.capabilities.passage) {
      return settled(door, { due: null, trouble: door.status === 'PASSAGE' ? 'unsupported' : null });
    }
    const place = await places.ofDoor(door.organization_id, door.id);
    if (place?.mode !== null && place !== null) return settled(door, { due: minutes(1), trouble: 'emergency' });
    const schedule = door.status === 'PASSAGE' ? (door.passage ?? always) : null;
    try {
      const ran = await lockCommands.run(
        lock,
        { kind: 'passage', schedule },
        {
          by: { api: 'hygate' },
          facts: { doorId: door.id },
          need,
        },
      );
      if (ran === null) return;
      const { outcome } = ran;
      if (outcome.kind === 'confirmed' || outcome.kind === 'accepted') {
        return settled(door, { due: null, trouble: null, set: true });
      }
      const trouble = outcome.kind === 'refused' ? outcome.reason : 'unknown';
      await settled(door, { due: seconds(30), trouble });
    } catch (error) {
      if (!(error instanceof Problem)) throw error;
      await settled(door, { due: seconds(10), trouble: 'busy' });
    }
  }

  /** Where the door was changed meanwhile it is told anew at once. */
  async function settled(
    { organization_id, id, updated_at }: DoorRow,
    { due, trouble, set }: { due: number | null; trouble: string | null; set?: boolean },
  ): Promise<void> {
    await database.transaction('door-passage', async (tx) => {
      const now = await doors.lock(tx, organization_id, id);
      if (now === null || now.passage_due_at === null || now.updated_at !== updated_at) return;
      await doors.passageTold(tx, now, {
        passage_due_at: due === null ? null : clock.now() + due,
        passage_trouble: trouble,
        ...(set === true ? { passage_set_at: clock.now() } : {}),
      });
      if (trouble === null) await notices.clear(tx, organization_id, 'door-passage', id);
      else if (!passing.includes(trouble)) {
        await notices.raise(tx, organization_id, 'door-passage', id, { doorId: id, why: trouble, status: now.status });
      }
    });
  }

  return { tell, due: doors.passageDue };
}

export type PassagesService = ReturnType<typeof createPassages>;
