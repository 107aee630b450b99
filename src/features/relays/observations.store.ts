import { type Kysely, type Selectable, sql } from 'kysely';
import { at } from '../../database/instant-value.ts';
import { earlier } from '../../database/stretch.ts';
import { columns, type DB } from '../../database/types.ts';
import type { DeviceId, OrganizationId } from '../../rules/ids.ts';
import type { Instant } from '../../rules/instant.ts';
import type { Stretch } from '../../rules/timeline/moments.ts';

/** A reading that told something new. */
export type ObservationRow = Selectable<DB['observations']>;

export async function insertObservation(db: Kysely<DB>, row: ObservationRow): Promise<void> {
  await db
    .insertInto('observations')
    .values({ ...row, at: new Date(row.at) })
    .execute();
}

export async function observationsAlong(
  db: Kysely<DB>,
  organizationId: OrganizationId,
  deviceId: DeviceId,
  stretch: Stretch,
): Promise<ObservationRow[]> {
  return db
    .selectFrom('observations')
    .select(columns.observations)
    .where('organization_id', '=', organizationId)
    .where('device_id', '=', deviceId)
    .where(earlier({ at: 'at', id: 'id' }, stretch))
    .orderBy('at', 'desc')
    .orderBy('id', 'desc')
    .limit(stretch.limit)
    .execute();
}

/** Takes away up to `limit` that are older; answers how many. */
export async function removeObservations(db: Kysely<DB>, before: Instant, limit: number): Promise<number> {
  const result = await sql`
    delete from observations where (organization_id, device_id, at, id) in (
      select organization_id, device_id, at, id from observations where at < ${at(before)} order by at limit ${limit}
      for update skip locked)`.execute(db);
  return Number(result.numAffectedRows ?? 0n);
}
