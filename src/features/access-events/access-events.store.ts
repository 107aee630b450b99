import { type Kysely, type Selectable, sql } from 'kysely';
import { at } from '../../database/instant-value.ts';
import type { DB } from '../../database/types.ts';
import type { Scope } from '../../rules/accounts/actor.ts';
import type { AccessEventId, DoorId, LocationId, LockId, OrganizationId, PersonId } from '../../rules/ids.ts';
import type { Instant } from '../../rules/instant.ts';

export type AccessEventRow = Selectable<DB['access_events']>;

/** False: it was written down before. */
export async function insertAccessEvent(
  db: Kysely<DB>,
  row: Omit<AccessEventRow, 'details'> & { details: Record<string, unknown> },
): Promise<boolean> {
  const { numInsertedOrUpdatedRows } = await db
    .insertInto('access_events')
    .values({ ...row, at: new Date(row.at), details: JSON.stringify(row.details) })
    .onConflict((conflict) => conflict.doNothing())
    .executeTakeFirst();
  return (numInsertedOrUpdatedRows ?? 0n) > 0n;
}

export async function accessEventExists(
  db: Kysely<DB>,
  organizationId: OrganizationId,
  when: Instant,
  id: AccessEventId,
): Promise<boolean> {
  const row = await db
    .selectFrom('access_events')
    .select('id')
    .where('organization_id', '=', organizationId)
    .where('at', '=', at(when))
    .where('id', '=', id)
    .executeTakeFirst();
  return row !== undefined;
}

export type PlaceRef = { kind: AccessEventRow['place_kind']; id: string };

export type AccessEventFilter = {
  scope: Scope;
  door: string | null;
  /** What was tried at the lock itself, or at the door that it hangs on. */
  lock: string | null;
  person: PersonId | null;
  decision: AccessEventRow['decision'] | null;
  from: Instant | null;
  to: Instant | null;
};
export type ListedEvent = AccessEventRow & { place_name: string | null; person_name: string | null };

/** Newest first, earlier than `before`. */
export async function listAccessEvents(
  db: Kysely<DB>,
  organizationId: OrganizationId,
  filter: AccessEventFilter,
  page: { limit: number; before: { at: Instant; id: string } | null },
): Promise<ListedEvent[]> {
  const { scope, door, lock, person, decision, from, to } = filter;
  let query = db
    .selectFrom('access_events as event')
    .leftJoin('doors', (on) =>
      on
        .onRef('doors.organization_id', '=', 'event.organization_id')
        .onRef('doors.id', '=', sql<DoorId>`event.place_id`)
        .on('event.place_kind', '=', 'door'),
    )
    .leftJoin('locks', (on) =>
      on
        .onRef('locks.organization_id', '=', 'event.organization_id')
        .onRef('locks.id', '=', sql<LockId>`event.place_id`)
        .on('event.place_kind', '=', 'lock'),
    )
    .leftJoin('people', (on) =>
      on.onRef('people.organization_id', '=', 'event.organization_id').onRef('people.id', '=', 'event.person_id'),
    )
    .selectAll('event')
    .select((row) => [row.fn.coalesce('doors.name', 'locks.name').as('place_name'), 'people.name as person_name'])
    .where('event.organization_id', '=', organizationId);
  if (scope !== 'all') query = query.where('event.location_id', 'in', ['' as LocationId, ...scope]);
  if (door !== null) query = query.where('event.place_kind', '=', 'door').where('event.place_id', '=', door);
  if (lock !== null) {
    const itsDoor = db
      .selectFrom('doors as own')
      .select(sql<string>`own.id`.as('id'))
      .where('own.organization_id', '=', organizationId)
      .where('own.lock_id', '=', lock as LockId)
      .where('own.deleted_at', 'is', null);
    query = query.where((row) =>
      row.or([
        row.and([row('event.place_kind', '=', 'lock'), row('event.place_id', '=', lock)]),
        row.and([row('event.place_kind', '=', 'door'), row('event.place_id', 'in', itsDoor)]),
      ]),
    );
  }
  if (person !== null) query = query.where('event.person_id', '=', person);
  if (decision !== null) query = query.where('event.decision', '=', decision);
  if (from !== null) query = query.where('event.at', '>=', at(from));
  if (to !== null) query = query.where('event.at', '<', at(to));
  const { before } = page;
  if (before !== null) query = query.where(sql<boolean>`(event.at, event.id) < (${at(before.at)}, ${before.id})`);
  return query.orderBy('event.at', 'desc').orderBy('event.id', 'desc').limit(page.limit).execute();
}
