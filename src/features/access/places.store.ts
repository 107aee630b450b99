import type { Kysely } from 'kysely';
import type { DB } from '../../database/types.ts';
import type { PassageSchedule } from '../../drivers/lock-port.ts';
import type { Mode } from '../../rules/access/decide.ts';
import { inScope, type Scope } from '../../rules/accounts/actor.ts';
import type { DoorId, LocationId, LockId, OrganizationId } from '../../rules/ids.ts';

/** A door, or a lock that no door has, with all that rules of access ask of it. */
export type PlaceRow = {
  organizationId: OrganizationId;
  kind: 'door' | 'lock';
  id: DoorId | LockId;
  name: string;
  locationId: LocationId | null;
  lockId: LockId | null;
  status: 'ACTIVE' | 'PASSAGE' | 'MAINTENANCE';
  /** When it is free to all, while its status says so; null: always. */
  passage: PassageSchedule | null;
  mode: Mode | null;
};

const doors = (db: Kysely<DB>, organizationId: OrganizationId) =>
  db
    .selectFrom('doors')
    .leftJoin('location_modes', (join) =>
      join
        .onRef('location_modes.organization_id', '=', 'doors.organization_id')
        .onRef('location_modes.location_id', '=', 'doors.location_id'),
    )
    .select([
      'doors.id',
      'doors.name',
      'doors.location_id',
      'doors.lock_id',
      'doors.status',
      'doors.passage',
      'location_modes.mode',
      'location_modes.people',
      'location_modes.accounts',
    ])
    .where('doors.organization_id', '=', organizationId)
    .where('doors.deleted_at', 'is', null);

type DoorRow = Awaited<ReturnType<ReturnType<typeof doors>['execute']>>[number];

const placeOf = (organizationId: OrganizationId, row: DoorRow): PlaceRow => ({
  organizationId,
  kind: 'door',
  id: row.id,
  name: row.name,
  locationId: row.location_id,
  lockId: row.lock_id,
  status: row.status,
  passage: row.passage as PassageSchedule | null,
  mode:
    row.mode === 'lockdown'
      ? { kind: 'lockdown', people: row.people ?? [], accounts: row.accounts ?? [] }
      : row.mode === 'open-all'
        ? { kind: 'open-all' }
        : null,
});

export async function findDoorPlace(
  db: Kysely<DB>,
  organizationId: OrganizationId,
  id: string,
  scope: Scope,
): Promise<PlaceRow | null> {
  const row = await doors(db, organizationId)
    .where('doors.id', '=', id as DoorId)
    .executeTakeFirst();
  return row !== undefined && inScope(scope, row.location_id) ? placeOf(organizationId, row) : null;
}

/** The door that the lock hangs on, or the lock itself. */
export async function findLockPlace(
  db: Kysely<DB>,
  organizationId: OrganizationId,
  lockId: LockId,
): Promise<PlaceRow | null> {
  const door = await doors(db, organizationId).where('doors.lock_id', '=', lockId).executeTakeFirst();
  if (door !== undefined) return placeOf(organizationId, door);
  const lock = await db
    .selectFrom('locks')
    .select(['id', 'name'])
    .where('organization_id', '=', organizationId)
    .where('id', '=', lockId)
    .where('deleted_at', 'is', null)
    .executeTakeFirst();
  if (lock === undefined) return null;
  const { id, name } = lock;
  const lockAlone = { kind: 'lock', locationId: null, status: 'ACTIVE', passage: null, mode: null } as const;
  return { ...lockAlone, organizationId, id, name, lockId: id };
}

export async function doorPlacesAt(
  db: Kysely<DB>,
  organizationId: OrganizationId,
  locationId: LocationId,
): Promise<PlaceRow[]> {
  const rows = await doors(db, organizationId)
    .where('doors.location_id', '=', locationId)
    .orderBy('doors.id')
    .execute();
  return rows.map((row) => placeOf(organizationId, row));
}
