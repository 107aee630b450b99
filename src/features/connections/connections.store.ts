import type { Kysely, Selectable } from 'kysely';
import { columns, type DB } from '../../database/types.ts';
import type { ConnectionId, DoorId, LockId, OrganizationId } from '../../rules/ids.ts';
import type { Instant } from '../../rules/instant.ts';

export type ConnectionRow = Selectable<DB['connections']>;
export type Vendor = ConnectionRow['vendor'];

export async function listConnections(
  db: Kysely<DB>,
  organizationId: OrganizationId,
  vendors: readonly Vendor[],
  page: { limit: number; after: string | null },
): Promise<ConnectionRow[]> {
  let query = db
    .selectFrom('connections')
    .select(columns.connections)
    .where('organization_id', '=', organizationId)
    .where('vendor', 'in', [...vendors]);
  if (page.after !== null) query = query.where('id', '>', page.after as ConnectionId);
  return query.orderBy('id').limit(page.limit).execute();
}

/** Of every organization. */
export async function everyConnection(
  db: Kysely<DB>,
  vendors: readonly Vendor[],
): Promise<{ organizationId: OrganizationId; id: ConnectionId; vendor: Vendor }[]> {
  const rows = await db
    .selectFrom('connections')
    .select(['organization_id', 'id', 'vendor'])
    .where('vendor', 'in', [...vendors])
    .execute();
  return rows.map((row) => ({
    organizationId: row.organization_id,
    id: row.id,
    vendor: row.vendor,
  }));
}

export async function findConnection(
  db: Kysely<DB>,
  organizationId: OrganizationId,
  id: string,
): Promise<ConnectionRow | null> {
  const row = await db
    .selectFrom('connections')
    .select(columns.connections)
    .where('organization_id', '=', organizationId)
    .where('id', '=', id as ConnectionId)
    .executeTakeFirst();
  return row ?? null;
}

/**
 * Locks it until the transaction ends: `change` against other changes, `remove` also against devices that are just being
 * hung on it, `keep` against its removal.
 */
export async function lockConnection(
  db: Kysely<DB>,
  organizationId: OrganizationId,
  id: string,
  why: 'change' | 'remove' | 'keep',
): Promise<ConnectionRow | null> {
  const one = db
    .selectFrom('connections')
    .select(columns.connections)
    .where('organization_id', '=', organizationId)
    .where('id', '=', id as ConnectionId);
  const locked = { change: () => one.forNoKeyUpdate(), remove: () => one.forUpdate(), keep: () => one.forKeyShare() };
  return (await locked[why]().executeTakeFirst()) ?? null;
}

/** The first connection of a vendor: what configs/* show. */
export async function findConnectionOf(
  db: Kysely<DB>,
  organizationId: OrganizationId,
  vendor: Vendor,
): Promise<ConnectionRow | null> {
  const row = await db
    .selectFrom('connections')
    .select(columns.connections)
    .where('organization_id', '=', organizationId)
    .where('vendor', '=', vendor)
    .orderBy('id')
    .limit(1)
    .executeTakeFirst();
  return row ?? null;
}

export async function saveConnection(db: Kysely<DB>, row: ConnectionRow, now: Instant): Promise<void> {
  const facts = { name: row.name, config: JSON.stringify(row.config), sealed: row.sealed, updated_at: new Date(now) };
  await db
    .insertInto('connections')
    .values({
      organization_id: row.organization_id,
      id: row.id,
      vendor: row.vendor,
      created_at: new Date(row.created_at),
      ...facts,
    })
    .onConflict((conflict) => conflict.columns(['organization_id', 'id']).doUpdateSet(facts))
    .execute();
}

export async function removeConnection(
  db: Kysely<DB>,
  organizationId: OrganizationId,
  id: ConnectionId,
): Promise<void> {
  await db.deleteFrom('connections').where('organization_id', '=', organizationId).where('id', '=', id).execute();
}

export async function connectionInUse(
  db: Kysely<DB>,
  organizationId: OrganizationId,
  id: ConnectionId,
): Promise<boolean> {
  for (const table of ['devices', 'locks'] as const) {
    const thing = await db
      .selectFrom(table)
      .select('organization_id')
      .where('organization_id', '=', organizationId)
      .where('connection_id', '=', id)
      .where('deleted_at', 'is', null)
      .limit(1)
      .executeTakeFirst();
    if (thing !== undefined) return true;
  }
  return false;
}

/** What was made of the locks on a connection: by hardware id, the lock and the door on it. */
export async function locksAdded(
  db: Kysely<DB>,
  organizationId: OrganizationId,
  id: ConnectionId,
): Promise<Map<string, { lockId: LockId; doorId: DoorId | null }>> {
  const rows = await db
    .selectFrom('locks')
    .leftJoin('doors', (join) =>
      join
        .onRef('doors.organization_id', '=', 'locks.organization_id')
        .onRef('doors.lock_id', '=', 'locks.id')
        .on('doors.deleted_at', 'is', null),
    )
    .select(['locks.hardware_id', 'locks.id as lock_id', 'doors.id as door_id'])
    .where('locks.organization_id', '=', organizationId)
    .where('locks.connection_id', '=', id)
    .where('locks.deleted_at', 'is', null)
    .execute();
  return new Map(rows.map((row) => [row.hardware_id, { lockId: row.lock_id, doorId: row.door_id }]));
}
