import { type Kysely, type Selectable, sql } from 'kysely';
import { at } from '../../database/instant-value.ts';
import type { DB } from '../../database/types.ts';
import type { ConnectionId, LockId, OrganizationId, PassId, PinId } from '../../rules/ids.ts';
import { clockTolerance, type Instant } from '../../rules/instant.ts';
import type { Written } from '../../rules/pins/formats.ts';
import type { Conflict, Placement } from '../../rules/pins/pin.ts';
import type { Schedule } from '../../rules/pins/schedule.ts';

export type PinRow = Omit<Selectable<DB['pins']>, 'schedule' | 'as_written' | 'conflict' | 'failures' | 'placement'> & {
  schedule: Schedule;
  as_written: Written | null;
  conflict: Conflict | null;
  failures: Instant[];
  placement: Placement | null;
};

type Parsed = Pick<PinRow, 'schedule' | 'as_written' | 'conflict' | 'failures' | 'placement'>;

const alive = (db: Kysely<DB>, organizationId: OrganizationId) =>
  db
    .selectFrom('pins')
    .selectAll()
    .$narrowType<Parsed>()
    .where('organization_id', '=', organizationId)
    .where('deleted_at', 'is', null);

/** All that are on a lock or shall be; by id. */
export const pinsOnLock = (db: Kysely<DB>, organizationId: OrganizationId, lockId: LockId): Promise<PinRow[]> =>
  alive(db, organizationId).where('lock_id', '=', lockId).orderBy('id').execute();

/** What was presented at a lock then may have been these: also such as are gone by now. Clocks of locks go wrong a little. */
export const pinsThen = (
  db: Kysely<DB>,
  organizationId: OrganizationId,
  lockId: LockId,
  then: { from: Instant; to: Instant },
): Promise<PinRow[]> =>
  db
    .selectFrom('pins')
    .selectAll()
    .$narrowType<Parsed>()
    .where('organization_id', '=', organizationId)
    .where('lock_id', '=', lockId)
    .where('created_at', '<=', at(then.to))
    .where((row) => row.or([row('deleted_at', 'is', null), row('deleted_at', '>=', at(then.from))]))
    .orderBy('id')
    .execute();

export const listPins = (
  db: Kysely<DB>,
  organizationId: OrganizationId,
  lockId: LockId,
  page: { limit: number; after: string | null },
): Promise<PinRow[]> => {
  let query = alive(db, organizationId).where('lock_id', '=', lockId);
  if (page.after !== null) query = query.where('id', '>', page.after as PinId);
  return query.orderBy('id').limit(page.limit).execute();
};

export async function findPin(
  db: Kysely<DB>,
  organizationId: OrganizationId,
  lockId: LockId,
  id: string,
): Promise<PinRow | null> {
  const query = alive(db, organizationId).where('lock_id', '=', lockId);
  return (await query.where('id', '=', id as PinId).executeTakeFirst()) ?? null;
}

/** Also those that are gone. */
export async function findAnyPin(db: Kysely<DB>, organizationId: OrganizationId, id: PinId): Promise<PinRow | null> {
  const query = db.selectFrom('pins').selectAll().$narrowType<Parsed>().where('organization_id', '=', organizationId);
  return (await query.where('id', '=', id).executeTakeFirst()) ?? null;
}

export const pinsOfPass = (db: Kysely<DB>, organizationId: OrganizationId, passId: PassId): Promise<PinRow[]> =>
  alive(db, organizationId).where('pass_id', '=', passId).orderBy('id').execute();

/** Whether there ever was one, also where it is gone. */
export async function hadPinForPass(db: Kysely<DB>, organizationId: OrganizationId, passId: PassId): Promise<boolean> {
  const query = db.selectFrom('pins').select('id').where('organization_id', '=', organizationId);
  return (await query.where('pass_id', '=', passId).limit(1).executeTakeFirst()) !== undefined;
}

export async function insertPin(db: Kysely<DB>, row: PinRow): Promise<void> {
  await db
    .insertInto('pins')
    .values({
      ...row,
      schedule: JSON.stringify(row.schedule),
      as_written: row.as_written === null ? null : JSON.stringify(row.as_written),
      conflict: null,
      failures: '[]',
      placement: row.placement === null ? null : JSON.stringify(row.placement),
      suspended_until: null,
      wake_at: row.wake_at === null ? null : new Date(row.wake_at),
      loaded_at: row.loaded_at === null ? null : new Date(row.loaded_at),
      used_at: null,
      created_at: new Date(row.created_at),
      updated_at: new Date(row.updated_at),
      deleted_at: null,
    })
    .execute();
}

type Changeable = Omit<PinRow, 'organization_id' | 'id' | 'lock_id' | 'created_at' | 'api' | 'pass_id'>;
const jsons = new Set(['schedule', 'as_written', 'conflict', 'failures', 'placement']);
const instants = new Set(['suspended_until', 'wake_at', 'loaded_at', 'used_at', 'updated_at', 'deleted_at']);

/** The caller holds the lock's row. */
export async function savePin(db: Kysely<DB>, before: PinRow, change: Partial<Changeable>): Promise<PinRow> {
  const written = Object.entries(change).map(([column, value]) => {
    if (value !== null && jsons.has(column)) return [column, JSON.stringify(value)];
    return [column, instants.has(column) && typeof value === 'number' ? new Date(value) : value];
  });
  if (written.length > 0) {
    await db
      .updateTable('pins')
      .set(Object.fromEntries(written))
      .where('organization_id', '=', before.organization_id)
      .where('id', '=', before.id)
      .execute();
  }
  return { ...before, ...change };
}

/** Those that wait to be tried again, or for something else to end; whoever is at one right now reckons anew in any case. */
export async function bringPinsForward(db: Kysely<DB>, now: Instant): Promise<void> {
  await sql`
    update pins set wake_at = ${new Date(now)}
    from (
      select organization_id, id from pins
      where wake_at > ${at(now)} and trouble is not null and deleted_at is null
      for no key update skip locked
    ) as waiting
    where pins.organization_id = waiting.organization_id and pins.id = waiting.id`.execute(db);
}

export type WhichLock = { organizationId: OrganizationId; lockId: LockId };

/** Locks where something is due for a code, and the way to which is not in trouble; the longest due first. */
export async function locksDue(
  db: Kysely<DB>,
  now: Instant,
  limit: number,
  but: readonly ConnectionId[],
): Promise<WhichLock[]> {
  const { rows } = await sql<WhichLock>`
    select pins.organization_id as "organizationId", pins.lock_id as "lockId"
    from pins
    join locks on locks.organization_id = pins.organization_id and locks.id = pins.lock_id and locks.deleted_at is null
    left join lock_codes on lock_codes.organization_id = pins.organization_id and lock_codes.lock_id = pins.lock_id
    where pins.wake_at <= ${at(now)} and pins.deleted_at is null
      and (lock_codes.held_until is null or lock_codes.held_until <= ${at(now)}
        or lock_codes.held_since > ${at(now + clockTolerance)})
      and locks.connection_id <> all (${but}::text[])
    group by pins.organization_id, pins.lock_id
    order by min(pins.wake_at)
    limit ${limit}`.execute(db);
  return rows;
}
