import type { Kysely, Selectable } from 'kysely';
import { at as instant } from '../../database/instant-value.ts';
import type { DB } from '../../database/types.ts';
import type { Observation } from '../../drivers/port.ts';
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
    .selectAll()
    .where('organization_id', '=', organizationId)
    .where('device_id', '=', deviceId)
    .executeTakeFirst();
  return row ?? null;
}

/** Whoever records a reading does so after the other, so that what follows from the one before is not done twice or never. */
export async function lockRelay(db: Kysely<DB>, organizationId: OrganizationId, deviceId: DeviceId): Promise<RelayRow> {
  const row = db
    .selectFrom('relays')
    .selectAll()
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

export async function findRelays(
  db: Kysely<DB>,
  organizationId: OrganizationId,
  deviceIds: readonly DeviceId[],
): Promise<Map<DeviceId, RelayRow>> {
  if (deviceIds.length === 0) return new Map();
  const query = db.selectFrom('relays').selectAll().where('organization_id', '=', organizationId);
  const rows = await query.where('device_id', 'in', [...deviceIds]).execute();
  return new Map(rows.map((row) => [row.device_id, row]));
}

/** `unreachableSince`: since when it has not answered, this time included; null when it did. */
export async function saveObservation(
  db: Kysely<DB>,
  organizationId: OrganizationId,
  deviceId: DeviceId,
  seen: Observation,
  unreachableSince: Instant | null,
): Promise<void> {
  const at = new Date(seen.at);
  const facts = {
    tried_at: at,
    unreachable_since: unreachableSince === null ? null : new Date(unreachableSince),
    ...(seen.kind === 'relay' ? reading(seen, at) : { trouble: seen.why }),
  };
  await db
    .insertInto('relays')
    .values({ organization_id: organizationId, device_id: deviceId, ...facts })
    .onConflict((conflict) =>
      conflict
        .columns(['organization_id', 'device_id'])
        .doUpdateSet(facts)
        .where((row) => row.or([row('relays.tried_at', 'is', null), row('relays.tried_at', '<=', instant(seen.at))])),
    )
    .execute();
}

const reading = (seen: Extract<Observation, { kind: 'relay' }>, at: Date) => ({
  output: seen.on ? ('on' as const) : ('off' as const),
  seen_at: at,
  auto_off_at: seen.autoOffAt === null ? null : new Date(seen.autoOffAt),
  power_watts: seen.powerWatts,
  ...(seen.energyWh == null ? {} : { energy_counter: seen.energyWh }), // not every reading tells it
  source: seen.source,
  trouble: null,
});

/** Another relay has taken its place, with a counter of its own. */
export async function forgetCounter(db: Kysely<DB>, organizationId: OrganizationId, deviceId: DeviceId): Promise<void> {
  await db
    .updateTable('relays')
    .set({ energy_counter: null })
    .where('organization_id', '=', organizationId)
    .where('device_id', '=', deviceId)
    .execute();
}

/** Staff switched it on until then (null: not any more). */
export async function saveManual(
  db: Kysely<DB>,
  organizationId: OrganizationId,
  deviceId: DeviceId,
  until: Instant | null,
): Promise<void> {
  const manual_until = until === null ? null : new Date(until);
  await db
    .insertInto('relays')
    .values({ organization_id: organizationId, device_id: deviceId, manual_until })
    .onConflict((conflict) => conflict.columns(['organization_id', 'device_id']).doUpdateSet({ manual_until }))
    .execute();
}
