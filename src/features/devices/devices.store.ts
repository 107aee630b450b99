import type { Kysely, Selectable } from 'kysely';
import { columns, type DB } from '../../database/types.ts';
import type { Scope } from '../../rules/accounts/actor.ts';
import { inScope } from '../../rules/accounts/actor.ts';
import type { ConnectionId, DeviceId, LocationId, OrganizationId } from '../../rules/ids.ts';
import type { Instant } from '../../rules/instant.ts';
import type { OpeningHours } from '../../rules/time/opening-hours.ts';

/** The connection is there as long as the device is; of a deleted one nothing is asked of hardware any more. */
export type DeviceRow = Omit<Selectable<DB['devices']>, 'connection_id' | 'opening_hours'> & {
  connection_id: ConnectionId;
  opening_hours: OpeningHours | null;
};

const everyOne = (db: Kysely<DB>) =>
  db.selectFrom('devices').select(columns.devices).$narrowType<Pick<DeviceRow, 'connection_id' | 'opening_hours'>>();

const alive = (db: Kysely<DB>, organizationId: OrganizationId) =>
  everyOne(db).where('organization_id', '=', organizationId).where('deleted_at', 'is', null);

export async function listDevices(
  db: Kysely<DB>,
  organizationId: OrganizationId,
  scope: Scope,
  filter: { locationId?: string; limit: number; after: string | null },
): Promise<DeviceRow[]> {
  let query = alive(db, organizationId);
  if (scope !== 'all') query = query.where('location_id', 'in', scope.length === 0 ? ['' as LocationId] : [...scope]);
  if (filter.locationId !== undefined) query = query.where('location_id', '=', filter.locationId as LocationId);
  if (filter.after !== null) query = query.where('id', '>', filter.after as DeviceId);
  return query.orderBy('id').limit(filter.limit).execute();
}

export async function findDevice(
  db: Kysely<DB>,
  organizationId: OrganizationId,
  id: string,
  scope: Scope = 'all',
): Promise<DeviceRow | null> {
  const row = await alive(db, organizationId)
    .where('id', '=', id as DeviceId)
    .executeTakeFirst();
  return row !== undefined && inScope(scope, row.location_id) ? row : null;
}

/** Also a deleted one: its sessions and payments still name it. */
export async function findAnyDevice(
  db: Kysely<DB>,
  organizationId: OrganizationId,
  id: DeviceId,
): Promise<DeviceRow | null> {
  const query = everyOne(db).where('organization_id', '=', organizationId);
  return (await query.where('id', '=', id).executeTakeFirst()) ?? null;
}

/** The same for many at once. */
export async function findAnyDevices(
  db: Kysely<DB>,
  organizationId: OrganizationId,
  ids: readonly DeviceId[],
): Promise<Map<DeviceId, DeviceRow>> {
  if (ids.length === 0) return new Map();
  const query = everyOne(db).where('organization_id', '=', organizationId);
  const rows = await query.where('id', 'in', [...new Set(ids)]).execute();
  return new Map(rows.map((row) => [row.id, row]));
}

/**
 * Locks the device: whoever begins, ends or sells a run of it does so one after the other. The first lock a transaction
 * takes: device, then session, then payment, then audit. Without its key, as all locks of ours: rows that name a locked
 * one (a command, say) may still be written, and so never wait the other way round.
 */
export async function lockDevice(
  db: Kysely<DB>,
  organizationId: OrganizationId,
  id: DeviceId,
): Promise<DeviceRow | null> {
  const row = await alive(db, organizationId).where('id', '=', id).forNoKeyUpdate().executeTakeFirst();
  return row ?? null;
}

export async function insertDevice(db: Kysely<DB>, row: DeviceRow): Promise<void> {
  await db
    .insertInto('devices')
    .values({
      ...row,
      created_at: new Date(row.created_at),
      updated_at: new Date(row.updated_at),
      deleted_at: null,
    })
    .execute();
}

export async function updateDevice(
  db: Kysely<DB>,
  organizationId: OrganizationId,
  id: DeviceId,
  change: Partial<Omit<DeviceRow, 'organization_id' | 'id' | 'created_at' | 'updated_at' | 'deleted_at'>>,
  now: Instant,
): Promise<void> {
  await db
    .updateTable('devices')
    .set({ ...change, updated_at: new Date(now) })
    .where('organization_id', '=', organizationId)
    .where('id', '=', id)
    .execute();
}

export async function markDeleted(
  db: Kysely<DB>,
  organizationId: OrganizationId,
  id: DeviceId,
  now: Instant,
): Promise<void> {
  await db
    .updateTable('devices')
    .set({ deleted_at: new Date(now), updated_at: new Date(now) })
    .where('organization_id', '=', organizationId)
    .where('id', '=', id)
    .execute();
}

/** Every device of every organization, for the engine's round; by key. */
export async function devicesAfter(
  db: Kysely<DB>,
  after: { organizationId: OrganizationId; id: DeviceId } | null,
  limit: number,
): Promise<DeviceRow[]> {
  let query = everyOne(db).where('deleted_at', 'is', null);
  if (after !== null) {
    query = query.where((row) =>
      row.or([
        row('organization_id', '>', after.organizationId),
        row.and([row('organization_id', '=', after.organizationId), row('id', '>', after.id)]),
      ]),
    );
  }
  return query.orderBy('organization_id').orderBy('id').limit(limit).execute();
}

/** By this very name. */
export async function takenBy(
  db: Kysely<DB>,
  organizationId: OrganizationId,
  hardwareId: string,
  channel: number,
): Promise<DeviceId | null> {
  const row = await alive(db, organizationId)
    .where('hardware_id', '=', hardwareId)
    .where('channel', '=', channel)
    .executeTakeFirst();
  return row?.id ?? null;
}

export type RelayOwner = Pick<DeviceRow, 'id' | 'name' | 'hardware_id' | 'channel'>;

/** Which device each relay was added as, oldest first; `channel` null: of all channels. */
export async function relayOwners(
  db: Kysely<DB>,
  organizationId: OrganizationId,
  channel: number | null,
): Promise<RelayOwner[]> {
  let query = db
    .selectFrom('devices')
    .select(['id', 'name', 'hardware_id', 'channel'])
    .where('organization_id', '=', organizationId)
    .where('deleted_at', 'is', null);
  if (channel !== null) query = query.where('channel', '=', channel);
  return query.orderBy('id').execute();
}

export async function devicesOnConnection(
  db: Kysely<DB>,
  organizationId: OrganizationId,
  id: ConnectionId,
): Promise<DeviceRow[]> {
  return alive(db, organizationId).where('connection_id', '=', id).orderBy('id').execute();
}
