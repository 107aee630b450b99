import type { Kysely } from 'kysely';
import type { Database } from '../../database/open.ts';
import type { DB } from '../../database/types.ts';
import type { Actor } from '../../rules/accounts/actor.ts';
import { notFound } from '../../rules/errors.ts';
import type { LocationId, LockId, OrganizationId } from '../../rules/ids.ts';
import type { LocksService } from '../locks/locks.service.ts';
import { doorPlacesAt, findDoorPlace, findLockPlace, type PlaceRow } from './places.store.ts';

type Deps = { database: Database; locks: LocksService };

/** Where access is decided: a door, or a lock that no door has. Read anew by whoever decides. */
export function createPlaces({ database, locks }: Deps) {
  async function door(actor: Actor, id: string, db: Kysely<DB> = database.read): Promise<PlaceRow> {
    const found = await findDoorPlace(db, actor.organizationId, id, actor.scope);
    if (found === null) throw notFound('Door not found');
    return found;
  }

  async function lock(actor: Actor, id: string, db: Kysely<DB> = database.read): Promise<PlaceRow> {
    const row = await locks.get(actor, id, db);
    const found = await findLockPlace(db, actor.organizationId, row.id);
    if (found === null) throw notFound('Lock not found');
    return found;
  }

  /** As it is now; null where it is gone. */
  const again = (db: Kysely<DB>, place: PlaceRow): Promise<PlaceRow | null> =>
    place.kind === 'door'
      ? findDoorPlace(db, place.organizationId, place.id, 'all')
      : findLockPlace(db, place.organizationId, place.id as LockId);

  const ofDoor = (organizationId: OrganizationId, id: string, db: Kysely<DB> = database.read) =>
    findDoorPlace(db, organizationId, id, 'all');
  const ofLock = (organizationId: OrganizationId, id: LockId, db: Kysely<DB> = database.read) =>
    findLockPlace(db, organizationId, id);
  const at = (organizationId: OrganizationId, id: LocationId, db: Kysely<DB> = database.read) =>
    doorPlacesAt(db, organizationId, id);

  return { door, lock, again, ofDoor, ofLock, at };
}

export type PlacesService = ReturnType<typeof createPlaces>;
export type { PlaceRow } from './places.store.ts';
