import { type Kysely, type Selectable, sql } from 'kysely';
import { at } from '../../database/instant-value.ts';
import { columns, type DB } from '../../database/types.ts';
import type { LockCapabilities } from '../../drivers/lock-port.ts';
import type { Scope } from '../../rules/accounts/actor.ts';
import type { ConnectionId, DoorId, LocationId, LockId, OrganizationId } from '../../rules/ids.ts';
import { type Instant, minutes, seconds } from '../../rules/instant.ts';

/** The connection is there as long as the lock is; of a deleted one nothing is asked of hardware any more. */
export type LockRow = Omit<Selectable<DB['locks']>, 'connection_id' | 'capabilities'> & {
  connection_id: ConnectionId;
  capabilities: LockCapabilities;
};

const everyOne = (db: Kysely<DB>) =>
  db.selectFrom('locks').select(columns.locks).$narrowType<Pick<LockRow, 'connection_id' | 'capabilities'>>();

const alive = (db: Kysely<DB>, organizationId: OrganizationId) =>
  everyOne(db).where('locks.organization_id', '=', organizationId).where('locks.deleted_at', 'is', null);

/** Whoever sees some locations sees the locks of the doors there, and no others. */
function inScopeOf(db: Kysely<DB>, organizationId: OrganizationId, scope: Scope) {
  const query = alive(db, organizationId);
  if (scope === 'all') return query;
  const locations = scope.length === 0 ? ['' as LocationId] : [...scope];
  return query.where((row) =>
    row.exists(
      row
        .selectFrom('doors')
        .select('doors.id')
        .whereRef('doors.organization_id', '=', 'locks.organization_id')
        .whereRef('doors.lock_id', '=', 'locks.id')
        .where('doors.deleted_at', 'is', null)
        .where('doors.location_id', 'in', locations),
    ),
  );
}

export async function listLocks(
  db: Kysely<DB>,
  organizationId: OrganizationId,
  scope: Scope,
  page: { limit: number; after: string | null },
): Promise<LockRow[]> {
  let query = inScopeOf(db, organizationId, scope);
  if (page.after !== null) query = query.where('locks.id', '>', page.after as LockId);
  return query.orderBy('locks.id').limit(page.limit).execute();
}

export async function findLock(
  db: Kysely<DB>,
  organizationId: OrganizationId,
  scope: Scope,
  id: string,
): Promise<LockRow | null> {
  const query = inScopeOf(db, organizationId, scope).where('locks.id', '=', id as LockId);
  return (await query.executeTakeFirst()) ?? null;
}

/** By what the Yale/August API calls it. */
export async function findLockByWireId(
  db: Kysely<DB>,
  organizationId: OrganizationId,
  wireId: string,
): Promise<LockRow | null> {
  return (await alive(db, organizationId).where('locks.wire_id', '=', wireId).executeTakeFirst()) ?? null;
}

/** Also a deleted one: its commands and events still name it. */
export async function findAnyLock(db: Kysely<DB>, organizationId: OrganizationId, id: LockId): Promise<LockRow | null> {
  const query = everyOne(db).where('locks.organization_id', '=', organizationId);
  return (await query.where('locks.id', '=', id).executeTakeFirst()) ?? null;
}

/** The same for many at once. */
export async function findAnyLocks(
  db: Kysely<DB>,
  organizationId: OrganizationId,
  ids: readonly LockId[],
): Promise<LockRow[]> {
  if (ids.length === 0) return [];
  const query = everyOne(db).where('locks.organization_id', '=', organizationId);
  return query.where('locks.id', 'in', [...new Set(ids)]).execute();
}

export async function findLockByHardware(
  db: Kysely<DB>,
  organizationId: OrganizationId,
  connectionId: ConnectionId,
  hardwareId: string,
): Promise<LockRow | null> {
  const query = alive(db, organizationId).where('locks.connection_id', '=', connectionId);
  return (await query.where('locks.hardware_id', '=', hardwareId).executeTakeFirst()) ?? null;
}

/** Those of the organization that were added, on one connection or on any. */
export async function locksOn(
  db: Kysely<DB>,
  organizationId: OrganizationId,
  connectionId: ConnectionId | null,
): Promise<LockRow[]> {
  const query = alive(db, organizationId).orderBy('locks.id');
  return (connectionId === null ? query : query.where('locks.connection_id', '=', connectionId)).execute();
}

export async function lockLock(db: Kysely<DB>, organizationId: OrganizationId, id: LockId): Promise<LockRow | null> {
  return (await alive(db, organizationId).where('locks.id', '=', id).forNoKeyUpdate().executeTakeFirst()) ?? null;
}

export async function insertLock(
  db: Kysely<DB>,
  row: Pick<LockRow, 'organization_id' | 'id' | 'connection_id' | 'hardware_id' | 'name' | 'capabilities'>,
  now: Instant,
): Promise<void> {
  await db
    .insertInto('locks')
    .values({
      ...row,
      capabilities: JSON.stringify(row.capabilities),
      created_at: new Date(now),
      updated_at: new Date(now),
    })
    .execute();
}

type Written = Omit<LockRow, 'organization_id' | 'id' | 'created_at' | 'capabilities'> & {
  capabilities: LockCapabilities;
};

/** What is known after one more look; the caller holds the row (lockLock). */
export async function saveLock(db: Kysely<DB>, before: LockRow, change: Partial<Written>): Promise<LockRow> {
  const written = Object.entries(change).map(([column, value]) => {
    if (column === 'capabilities') return [column, JSON.stringify(value)];
    return [column, typeof value === 'number' && column !== 'battery' ? new Date(value) : value];
  });
  if (written.length === 0) return before;
  await db
    .updateTable('locks')
    .set(Object.fromEntries(written))
    .where('organization_id', '=', before.organization_id)
    .where('id', '=', before.id)
    .execute();
  return { ...before, ...change };
}

/** Every lock of every organization, for the engine's round; by key. */
export async function locksAfter(db: Kysely<DB>, after: LockRow | null, limit: number): Promise<LockRow[]> {
  let query = everyOne(db).where('locks.deleted_at', 'is', null);
  if (after !== null) {
    query = query.where(sql<boolean>`(locks.organization_id, locks.id) > (${after.organization_id}, ${after.id})`);
  }
  return query.orderBy('locks.organization_id').orderBy('locks.id').limit(limit).execute();
}

export type DoorOfLock = { id: DoorId; name: string; location_id: LocationId | null };

/** The doors that locks of one organization hang on. */
export async function doorsOfLocks(db: Kysely<DB>, locks: readonly LockRow[]): Promise<Map<LockId, DoorOfLock>> {
  const [first] = locks;
  if (first === undefined) return new Map();
  const rows = await db
    .selectFrom('doors')
    .select(['id', 'name', 'location_id', 'lock_id'])
    .where('organization_id', '=', first.organization_id)
    .where(
      'lock_id',
      'in',
      locks.map(({ id }) => id),
    )
    .where('deleted_at', 'is', null)
    .execute();
  return new Map(rows.flatMap(({ lock_id, ...door }) => (lock_id === null ? [] : [[lock_id, door] as const])));
}

export const doorOfLock = async (db: Kysely<DB>, lock: LockRow): Promise<DoorOfLock | null> =>
  (await doorsOfLocks(db, [lock])).get(lock.id) ?? null;

/** How many codes of ours are on it, or may be. */
export async function codesOn(db: Kysely<DB>, { organization_id, id }: LockRow): Promise<number> {
  const row = await db
    .selectFrom('pins')
    .select((one) => one.fn.countAll<string>().as('codes'))
    .where('organization_id', '=', organization_id)
    .where('lock_id', '=', id)
    .where('deleted_at', 'is', null)
    .where(sql<boolean>`coalesce(placement ->> 'present', placement ->> 'old', placement ->> 'attempt') is not null`)
    .executeTakeFirstOrThrow();
  return Number(row.codes);
}

/** All codes on these locks are weighed anew by their keeper. */
export async function wakeCodes(
  db: Kysely<DB>,
  organizationId: OrganizationId,
  lockIds: readonly LockId[],
  now: Instant,
): Promise<void> {
  if (lockIds.length === 0) return;
  await db
    .updateTable('pins')
    .set({ wake_at: new Date(now) })
    .where('organization_id', '=', organizationId)
    .where('lock_id', 'in', [...lockIds])
    .where('deleted_at', 'is', null)
    .execute();
}

export async function insertBattery(db: Kysely<DB>, lock: LockRow, battery: number, seenAt: Instant): Promise<void> {
  const key = { organization_id: lock.organization_id, lock_id: lock.id, at: new Date(seenAt) };
  await db
    .insertInto('lock_batteries')
    .values({ ...key, battery })
    .onConflict((conflict) => conflict.doNothing())
    .execute();
}

export type BatteryRow = { at: Instant; battery: number };

/** Newest first, earlier than `before`. */
export async function batteriesOf(
  db: Kysely<DB>,
  { organization_id, id }: LockRow,
  page: { limit: number; before: Instant | null; since?: Instant },
): Promise<BatteryRow[]> {
  let query = db
    .selectFrom('lock_batteries')
    .select(['at', 'battery'])
    .where('organization_id', '=', organization_id)
    .where('lock_id', '=', id);
  if (page.before !== null) query = query.where('at', '<', at(page.before));
  if (page.since !== undefined) query = query.where('at', '>=', at(page.since));
  return query.orderBy('at', 'desc').limit(page.limit).execute();
}

/** Those of many locks of one organization since then. */
export async function batteriesOfMany(
  db: Kysely<DB>,
  locks: readonly LockRow[],
  since: Instant,
): Promise<(BatteryRow & { lockId: LockId })[]> {
  const [first] = locks;
  if (first === undefined) return [];
  return db
    .selectFrom('lock_batteries')
    .select(['lock_id as lockId', 'at', 'battery'])
    .where('organization_id', '=', first.organization_id)
    .where(
      'lock_id',
      'in',
      locks.map(({ id }) => id),
    )
    .where('at', '>=', at(since))
    .execute();
}

/** Those whose bolt was moved a moment ago, or may have been, and that nobody has looked at since: most shut by themselves. */
export async function locksMovedLately(db: Kysely<DB>, now: Instant): Promise<LockRow[]> {
  return everyOne(db)
    .where('locks.deleted_at', 'is', null)
    .where('locks.bolt', '!=', 'locked')
    .where('locks.observed_from', '!=', 'poll')
    .where('locks.observed_at', '>', at(now - minutes(10)))
    .where('locks.observed_at', '<=', at(now - seconds(10)))
    .execute();
}

/** Those with a battery of which nothing was read since then. */
export async function locksWithOldBattery(db: Kysely<DB>, before: Instant): Promise<LockRow[]> {
  return everyOne(db)
    .where('locks.deleted_at', 'is', null)
    .where(sql<boolean>`coalesce(locks.battery_at, locks.created_at) < ${at(before)}`)
    .where(sql<boolean>`not (locks.capabilities ->> 'momentary')::boolean`)
    .execute();
}
