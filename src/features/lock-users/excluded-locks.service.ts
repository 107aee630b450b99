/** Locks with which a program has nothing to do any more, because an owner said so through it. */
import type { Database } from '../../database/open.ts';
import type { Clock } from '../../host/clock.ts';
import { actorOf, type Caller } from '../../rules/accounts/caller.ts';
import { Problem } from '../../rules/errors.ts';
import type { Audit } from '../audit/audit.service.ts';
import type { LocksService } from '../locks/locks.service.ts';
import type { HousesService } from './houses.service.ts';
import { exclude, excludedBy } from './lock-users.store.ts';

type Deps = {
  database: Database;
  clock: Clock;
  audit: Audit;
  locks: Pick<LocksService, 'anyOf'>;
  houses: Pick<HousesService, 'whatever'>;
};

export function createExcludedLocks({ database, clock, audit, locks, houses }: Deps) {
  /** By a superuser of the lock; once more changes nothing. */
  async function set(caller: Caller, wireId: string, excluded: boolean): Promise<void> {
    permitted(caller);
    await database.transaction('lock-exclude', async (tx) => {
      const { lock } = await houses.whatever(caller, wireId, 'superuser', tx);
      const { organizationId, program } = caller;
      const what = { organizationId, client: program.id, lockId: lock.id };
      if (!(await exclude(tx, what, excluded, clock.now()))) return;
      await audit.append(tx, {
        organizationId,
        category: 'doors',
        action: excluded ? 'lock excluded from a program' : 'lock given back to a program',
        actor: actorOf(caller),
        entity: 'Lock',
        entityId: lock.id,
        details: { apiClientId: program.id, callerId: caller.person.id },
      });
    });
  }

  /** Those that the caller owns; of others nothing is told. */
  async function mine(caller: Caller): Promise<string[]> {
    permitted(caller);
    const ids = await excludedBy(database.read, caller.organizationId, caller.program.id);
    const rows = (await locks.anyOf(caller.organizationId, [...ids])).filter(({ deleted_at }) => deleted_at === null);
    const owned = await Promise.all(rows.map(({ wire_id }) => owns(caller, wire_id)));
    return rows.filter((_, i) => owned[i]).map(({ wire_id }) => wire_id);
  }

  async function owns(caller: Caller, wireId: string): Promise<boolean> {
    try {
      await houses.whatever(caller, wireId, 'superuser', database.read);
      return true;
    } catch (error) {
      if (error instanceof Problem) return false;
      throw error;
    }
  }

  return { set, mine };
}

export type ExcludedLocksService = ReturnType<typeof createExcludedLocks>;

function permitted({ program }: Caller): void {
  if (program.scopes.includes('partners:excluded_lock_mgmt')) return;
  throw new Problem('FORBIDDEN', 'This client lacks the permission partners:excluded_lock_mgmt');
}
