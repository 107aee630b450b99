import type { Kysely, Selectable } from 'kysely';
import { columns, type DB } from '../../database/types.ts';
import type { DeviceId, OrganizationId } from '../../rules/ids.ts';
import type { Instant } from '../../rules/instant.ts';

/** What each relay was last seen to be. A reading that is older than what is stored changes nothing. */
export type RelayRow = Selectable<DB['relays']>;

export async function findRelay(
  db: Kysely<DB>,
  organizationId: OrganizationId,
  deviceId: DeviceId,
): Promise<RelayRow | null> {
  const row = await db
    .selectFrom('relays')
    .select(columns.relays)
    .where('organization_id', '=', organizationId)
    .where('device_id', '=', deviceId)
    .executeTakeFirst();
  return row ?? null;
}

/** Whoever records a reading does so after the other, so that what follows from the one before is not done twice or never. */
export async function lockRelay(db: Kysely<DB>, organizationId: OrganizationId, deviceId: DeviceId): Promise<RelayRow> {
  const row = db
    .selectFrom('relays')
    .select(columns.relays)
    .where('organization_id', '=', organizationId)
    .where('device_id', '=', deviceId)
    .forNoKeyUpdate();
  const known = await row.executeTakeFirst();
  if (known !== undefined) return known;
  const first = { organization_id: organizationId, device_id: deviceId };
  await db
    .insertInto('relays')
    .values(first)
    .onConflict((conflict) => conflict.doNothing())
    .execute();
  return row.executeTakeFirstOrThrow();
}

/** The same as it is now, held until the transaction ends; null where nothing was ever seen. */
export async function holdRelay(
  db: Kysely<DB>,
  organizationId: OrganizationId,
  deviceId: DeviceId,
): Promise<RelayRow | null> {
  const row = db.selectFrom('relays').select(columns.relays).where('organization_id', '=', organizationId);
  return (await row.where('device_id', '=', deviceId).forNoKeyUpdate().executeTakeFirst()) ?? null;
}

export async function findRelays(
  db: Kysely<DB>,
  organizationId: OrganizationId,
  deviceIds: readonly DeviceId[],
): Promise<Map<DeviceId, RelayRow>> {
  if (deviceIds.length === 0) return new Map();
  const query = db.selectFrom('relays').select(columns.relays).where('organization_id', '=', organizationId);
  const rows = await query.where('device_id', 'in', [...deviceIds]).execute();
  return new Map(rows.map((row) => [row.device_id, row]));
}

/** What is known after one more look; the caller holds the row (lockRelay). */
export async function saveRelay(
  db: Kysely<DB>,
  before: RelayRow,
  change: Partial<Omit<RelayRow, 'organization_id' | 'device_id'>>,
): Promise<void> {
  const { output, source, trouble, power_watts, noted_watts, energy_counter, model, firmware, ...instants } = change;
  const plain = { output, source, trouble, power_watts, noted_watts, energy_counter, model, firmware };
  const known = Object.fromEntries(Object.entries(plain).filter(([, value]) => value !== undefined));
  const dates = Object.entries(instants).map(([column, at]) => [column, at == null ? null : new Date(at)]);
  await db
    .updateTable('relays')
    .set({ ...known, ...Object.fromEntries(dates) })
    .where('organization_id', '=', before.organization_id)
    .where('device_id', '=', before.device_id)
    .execute();
}

/** Staff switched it on until then (null: not any more); what is known of it. */
export async function saveManual(
  db: Kysely<DB>,
  organizationId: OrganizationId,
  deviceId: DeviceId,
  until: Instant | null,
): Promise<RelayRow> {
  const manual_until = until === null ? null : new Date(until);
  return db
    .insertInto('relays')
    .values({ organization_id: organizationId, device_id: deviceId, manual_until })
    .onConflict((conflict) => conflict.columns(['organization_id', 'device_id']).doUpdateSet({ manual_until }))
    .returning(columns.relays)
    .executeTakeFirstOrThrow();
}

export async function removeRelay(db: Kysely<DB>, organizationId: OrganizationId, deviceId: DeviceId): Promise<void> {
  await db
    .deleteFrom('relays')
    .where('organization_id', '=', organizationId)
    .where('device_id', '=', deviceId)
    .execute();
}
