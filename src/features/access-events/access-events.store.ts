import { type Kysely, type Selectable, sql } from 'kysely';
import { at } from '../../database/instant-value.ts';
import { columns, type DB } from '../../database/types.ts';
import type { AccessEventId, OrganizationId } from '../../rules/ids.ts';
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

/** Those at one place, newest first, earlier than `before`. */
export async function accessEventsAt(
  db: Kysely<DB>,
  organizationId: OrganizationId,
  { kind, id }: PlaceRef,
  page: { limit: number; before: { at: Instant; id: string } | null },
): Promise<AccessEventRow[]> {
  let query = db
    .selectFrom('access_events')
    .select(columns.access_events)
    .where('organization_id', '=', organizationId)
    .where('place_kind', '=', kind)
    .where('place_id', '=', id);
  const { before } = page;
  if (before !== null) query = query.where(sql<boolean>`(at, id) < (${at(before.at)}, ${before.id})`);
  return query.orderBy('at', 'desc').orderBy('id', 'desc').limit(page.limit).execute();
}
