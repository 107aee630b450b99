import type { Kysely, Selectable } from 'kysely';
import { at } from '../../database/instant-value.ts';
import type { DB } from '../../database/types.ts';
import type { PassageSchedule } from '../../drivers/lock-port.ts';
import { inScope, type Scope } from '../../rules/accounts/actor.ts';
import type { DoorId, LocationId, LockId, OrganizationId } from '../../rules/ids.ts';
import type { Instant } from '../../rules/instant.ts';
import type { OpeningHours } from '../../rules/time/opening-hours.ts';

export type DoorRow = Omit<Selectable<DB['doors']>, 'passage' | 'opening_hours'> & {
  passage: PassageSchedule | null;
  opening_hours: OpeningHours | null;
};

const everyOne = (db: Kysely<DB>) =>
  db.selectFrom('doors').selectAll().$narrowType<Pick<DoorRow, 'passage' | 'opening_hours'>>();

const alive = (db: Kysely<DB>, organizationId: OrganizationId) =>
  everyOne(db).where('organization_id', '=', organizationId).where('deleted_at', 'is', null);

export async function listDoors(
  db: Kysely<DB>,
  organizationId: OrganizationId,
  scope: Scope,
  filter: { locationId?: string; limit: number; after: string | null },
): Promise<DoorRow[]> {
  let query = alive(db, organizationId);
  if (scope !== 'all') query = query.where('location_id', 'in', scope.length === 0 ? ['' as LocationId] : [...scope]);
  if (filter.locationId !== undefined) query = query.where('location_id', '=', filter.locationId as LocationId);
  if (filter.after !== null) query = query.where('id', '>', filter.after as DoorId);
  return query.orderBy('id').limit(filter.limit).execute();
}

export async function findDoor(
  db: Kysely<DB>,
  organizationId: OrganizationId,
  id: string,
  scope: Scope = 'all',
): Promise<DoorRow | null> {
  const row = await alive(db, organizationId)
    .where('id', '=', id as DoorId)
    .executeTakeFirst();
  return row !== undefined && inScope(scope, row.location_id) ? row : null;
}

/** Also a deleted one: its passes and payments still name it. */
export async function findAnyDoor(db: Kysely<DB>, organizationId: OrganizationId, id: DoorId): Promise<DoorRow | null> {
  const query = everyOne(db).where('organization_id', '=', organizationId);
  return (await query.where('id', '=', id).executeTakeFirst()) ?? null;
}

/** Takes the place of a device in the order of locks: door, then pass, then payment, then audit. */
export async function lockDoor(db: Kysely<DB>, organizationId: OrganizationId, id: DoorId): Promise<DoorRow | null> {
  const row = await alive(db, organizationId).where('id', '=', id).forNoKeyUpdate().executeTakeFirst();
  return row ?? null;
}

export async function doorOnLock(
  db: Kysely<DB>,
  organizationId: OrganizationId,
  lockId: LockId,
): Promise<DoorRow | null> {
  return (await alive(db, organizationId).where('lock_id', '=', lockId).executeTakeFirst()) ?? null;
}

export async function codeIsTaken(db: Kysely<DB>, organizationId: OrganizationId, code: string): Promise<boolean> {
  const row = await alive(db, organizationId).where('code', '=', code).executeTakeFirst();
  return row !== undefined;
}

const json = (value: unknown): string | null => (value === null ? null : JSON.stringify(value));

export async function insertDoor(db: Kysely<DB>, row: DoorRow): Promise<void> {
  const { passage, opening_hours, passage_set_at, passage_due_at, created_at, updated_at, ...rest } = row;
  await db
    .insertInto('doors')
    .values({
      ...rest,
      passage: json(passage),
      opening_hours: json(opening_hours),
      passage_set_at: passage_set_at === null ? null : new Date(passage_set_at),
      passage_due_at: passage_due_at === null ? null : new Date(passage_due_at),
      created_at: new Date(created_at),
      updated_at: new Date(updated_at),
      deleted_at: null,
    })
    .execute();
}

export type DoorChange = Partial<
  Omit<DoorRow, 'organization_id' | 'id' | 'code' | 'created_at' | 'updated_at' | 'deleted_at'>
>;

export async function updateDoor(
  db: Kysely<DB>,
  { organization_id, id }: Pick<DoorRow, 'organization_id' | 'id'>,
  { passage, opening_hours, passage_set_at, passage_due_at, ...change }: DoorChange,
  now: Instant,
): Promise<void> {
  const date = (one: Instant | null) => (one === null ? null : new Date(one));
  await db
    .updateTable('doors')
    .set({
      ...change,
      ...(passage === undefined ? {} : { passage: json(passage) }),
      ...(opening_hours === undefined ? {} : { opening_hours: json(opening_hours) }),
      ...(passage_set_at === undefined ? {} : { passage_set_at: date(passage_set_at) }),
      ...(passage_due_at === undefined ? {} : { passage_due_at: date(passage_due_at) }),
      updated_at: new Date(now),
    })
    .where('organization_id', '=', organization_id)
    .where('id', '=', id)
    .execute();
}

export async function markDoorDeleted(
  db: Kysely<DB>,
  { organization_id, id }: Pick<DoorRow, 'organization_id' | 'id'>,
  now: Instant,
): Promise<void> {
  await db
    .updateTable('doors')
    .set({ deleted_at: new Date(now), updated_at: new Date(now) })
    .where('organization_id', '=', organization_id)
    .where('id', '=', id)
    .execute();
}

/** Doors whose lock has not taken yet what their status asks for. */
export async function passagesDue(db: Kysely<DB>, now: Instant, limit: number): Promise<DoorRow[]> {
  return everyOne(db)
    .where('passage_due_at', 'is not', null)
    .where('passage_due_at', '<=', at(now))
    .where('deleted_at', 'is', null)
    .orderBy('passage_due_at')
    .limit(limit)
    .execute();
}
