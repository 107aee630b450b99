import type { Kysely, Selectable } from 'kysely';
import { columns, type DB } from '../../database/types.ts';
import { inScope, type Scope } from '../../rules/accounts/actor.ts';
import type { LocationId, OrganizationId } from '../../rules/ids.ts';
import type { Instant } from '../../rules/instant.ts';
import type { Holiday, OpeningHours } from '../../rules/time/opening-hours.ts';

type Stored = Selectable<DB['locations']>;

export type LocationRow = Omit<Stored, 'opening_hours' | 'holidays'> & {
  opening_hours: OpeningHours | null;
  holidays: Holiday[];
};

/** Hours are stored as features/locations/opening-hours-input.ts has checked them. */
const parsed = (row: Stored): LocationRow => ({
  ...row,
  opening_hours: row.opening_hours as OpeningHours | null,
  holidays: row.holidays as Holiday[],
});

export async function listLocations(
  db: Kysely<DB>,
  organizationId: OrganizationId,
  scope: Scope,
  page: { limit: number; after: string | null },
): Promise<LocationRow[]> {
  let query = db.selectFrom('locations').select(columns.locations).where('organization_id', '=', organizationId);
  if (scope !== 'all') query = query.where('id', 'in', scope.length === 0 ? ['' as LocationId] : [...scope]);
  if (page.after !== null) query = query.where('id', '>', page.after as LocationId);
  return (await query.orderBy('id').limit(page.limit).execute()).map(parsed);
}

export async function findLocation(
  db: Kysely<DB>,
  organizationId: OrganizationId,
  id: string,
  scope: Scope = 'all',
): Promise<LocationRow | null> {
  const row = await db
    .selectFrom('locations')
    .select(columns.locations)
    .where('organization_id', '=', organizationId)
    .where('id', '=', id as LocationId)
    .executeTakeFirst();
  return row !== undefined && inScope(scope, row.id) ? parsed(row) : null;
}

/** By what the Yale/August API calls it. */
export async function findLocationByUuid(
  db: Kysely<DB>,
  organizationId: OrganizationId,
  uuid: string,
): Promise<LocationRow | null> {
  const row = await db
    .selectFrom('locations')
    .select(columns.locations)
    .where('organization_id', '=', organizationId)
    .where('uuid', '=', uuid)
    .executeTakeFirst();
  return row === undefined ? null : parsed(row);
}

/** By its own id, kept from being deleted until the transaction ends. */
export async function keepLocation(
  db: Kysely<DB>,
  organizationId: OrganizationId,
  id: string,
  scope: Scope,
): Promise<LocationRow | null> {
  const row = await db
    .selectFrom('locations')
    .select(columns.locations)
    .where('organization_id', '=', organizationId)
    .where('id', '=', id as LocationId)
    .forKeyShare()
    .executeTakeFirst();
  return row !== undefined && inScope(scope, row.id) ? parsed(row) : null;
}

export async function insertLocation(
  db: Kysely<DB>,
  row: Omit<LocationRow, 'created_at' | 'updated_at'>,
  now: Instant,
): Promise<void> {
  await db
    .insertInto('locations')
    .values({
      ...row,
      holidays: JSON.stringify(row.holidays),
      created_at: new Date(now),
      updated_at: new Date(now),
    })
    .execute();
}

export async function updateLocation(
  db: Kysely<DB>,
  organizationId: OrganizationId,
  id: LocationId,
  change: Partial<Omit<LocationRow, 'organization_id' | 'id' | 'created_at' | 'updated_at'>>,
  now: Instant,
): Promise<void> {
  const { holidays, ...rest } = change;
  await db
    .updateTable('locations')
    .set({
      ...rest,
      ...(holidays === undefined ? {} : { holidays: JSON.stringify(holidays) }),
      updated_at: new Date(now),
    })
    .where('organization_id', '=', organizationId)
    .where('id', '=', id)
    .execute();
}

export async function removeLocation(db: Kysely<DB>, organizationId: OrganizationId, id: LocationId): Promise<void> {
  await db.deleteFrom('locations').where('organization_id', '=', organizationId).where('id', '=', id).execute();
}
