import { type Kysely, type Selectable, sql } from 'kysely';
import { earlier } from '../../database/stretch.ts';
import { columns, type DB } from '../../database/types.ts';
import type { Scope } from '../../rules/accounts/actor.ts';
import type { AccountId, DeviceId, LocationId, NoticeId, OrganizationId } from '../../rules/ids.ts';
import type { Instant } from '../../rules/instant.ts';
import type { NoticeKind } from '../../rules/notices/kinds.ts';
import type { Stretch } from '../../rules/timeline/moments.ts';

export type NoticeRow = Omit<Selectable<DB['notices']>, 'kind' | 'came_back'> & {
  kind: NoticeKind;
  came_back: Instant[];
};

/** With the names of what it is about, as they are now. */
export type NamedNotice = NoticeRow & {
  device_name: string | null;
  /** Of the door that it is about; else of the door that the lock hangs on, or of the lock. */
  lock_name: string | null;
  connection_name: string | null;
  time_zone: string | null;
};

/** Rows are written by this version or an older one: their kinds are known. */
const parsed = <Row extends { kind: string; came_back: unknown }>(row: Row) => ({
  ...row,
  kind: row.kind as NoticeKind,
  came_back: (Array.isArray(row.came_back) ? row.came_back : []) as Instant[],
});

type About = { organizationId: OrganizationId; kind: NoticeKind; subject: string };

const about = (db: Kysely<DB>, { organizationId, kind, subject }: About) =>
  db
    .selectFrom('notices')
    .select(columns.notices)
    .where('organization_id', '=', organizationId)
    .where('kind', '=', kind)
    .where('subject', '=', subject);

export async function noticeStands(db: Kysely<DB>, what: About): Promise<boolean> {
  return (await about(db, what).where('cleared_at', 'is', null).executeTakeFirst()) !== undefined;
}

/** The one that stands, or else the latest that is over. */
export async function latestNotice(db: Kysely<DB>, what: About): Promise<NoticeRow | null> {
  const open = await about(db, what).where('cleared_at', 'is', null).executeTakeFirst();
  const row = open ?? (await about(db, what).orderBy('id', 'desc').limit(1).executeTakeFirst());
  return row === undefined ? null : parsed(row);
}

export async function insertNotice(
  db: Kysely<DB>,
  row: Pick<NoticeRow, 'organization_id' | 'id' | 'kind' | 'subject' | 'device_id' | 'came_back'> & {
    facts: Record<string, unknown>;
  },
  now: Instant,
): Promise<void> {
  const { facts, came_back, ...rest } = row;
  await db
    .insertInto('notices')
    .values({
      ...rest,
      facts: JSON.stringify(facts),
      came_back: JSON.stringify(came_back),
      raised_at: new Date(now),
    })
    .execute();
}

export async function openAgain(
  db: Kysely<DB>,
  { organization_id, id }: NoticeRow,
  facts: Record<string, unknown>,
  cameBack: readonly Instant[],
): Promise<void> {
  await db
    .updateTable('notices')
    .set({ cleared_at: null, facts: JSON.stringify(facts), came_back: JSON.stringify(cameBack) })
    .where('organization_id', '=', organization_id)
    .where('id', '=', id)
    .execute();
}

/** Of one kind, or all of them; true when there was one. */
export async function clearNotices(
  db: Kysely<DB>,
  organizationId: OrganizationId,
  kind: NoticeKind | null,
  subject: string,
  now: Instant,
): Promise<boolean> {
  let query = db
    .updateTable('notices')
    .set({ cleared_at: new Date(now) })
    .where('organization_id', '=', organizationId)
    .where('subject', '=', subject)
    .where('cleared_at', 'is', null);
  if (kind !== null) query = query.where('kind', '=', kind);
  const result = await query.executeTakeFirst();
  return result.numUpdatedRows > 0n;
}

/** Those of one kind that concern a device. */
export async function clearNoticesOf(
  db: Kysely<DB>,
  organizationId: OrganizationId,
  kind: NoticeKind,
  deviceId: DeviceId,
  now: Instant,
): Promise<boolean> {
  const result = await db
    .updateTable('notices')
    .set({ cleared_at: new Date(now) })
    .where('organization_id', '=', organizationId)
    .where('kind', '=', kind)
    .where('device_id', '=', deviceId)
    .where('cleared_at', 'is', null)
    .executeTakeFirst();
  return result.numUpdatedRows > 0n;
}

export async function dismissNotice(
  db: Kysely<DB>,
  { organization_id, id }: NoticeRow,
  by: AccountId,
  now: Instant,
): Promise<void> {
  await db
    .updateTable('notices')
    .set({ dismissed_at: new Date(now), dismissed_by: by })
    .where('organization_id', '=', organization_id)
    .where('id', '=', id)
    .execute();
}

export async function restateNotice(
  db: Kysely<DB>,
  organizationId: OrganizationId,
  kind: string,
  subject: string,
  facts: Record<string, unknown>,
): Promise<void> {
  await db
    .updateTable('notices')
    .set({ facts: JSON.stringify(facts) })
    .where('organization_id', '=', organizationId)
    .where('kind', '=', kind)
    .where('subject', '=', subject)
    .where('cleared_at', 'is', null)
    .execute();
}
export type NoticeFilter = { open: boolean; kind?: NoticeKind; deviceId?: string; limit: number; after: string | null };

export async function listNotices(
  db: Kysely<DB>,
  organizationId: OrganizationId,
  scope: Scope,
  filter: NoticeFilter,
): Promise<NamedNotice[]> {
  let query = named(db, organizationId, scope);
  if (filter.open) query = query.where('cleared_at', 'is', null).where('dismissed_at', 'is', null);
  if (filter.kind !== undefined) query = query.where('kind', '=', filter.kind);
  if (filter.deviceId !== undefined) query = query.where('device_id', '=', filter.deviceId as DeviceId);
  if (filter.after !== null) query = query.where('notices.id', '<', filter.after as NoticeId);
  return (await query.orderBy('notices.id', 'desc').limit(filter.limit).execute()).map(parsed);
}

export async function findNotice(
  db: Kysely<DB>,
  organizationId: OrganizationId,
  scope: Scope,
  id: string,
): Promise<NamedNotice | null> {
  const row = await named(db, organizationId, scope)
    .where('notices.id', '=', id as NoticeId)
    .executeTakeFirst();
  return row === undefined ? null : parsed(row);
}

export async function lockNotice(db: Kysely<DB>, { organization_id, id }: NoticeRow): Promise<NoticeRow> {
  const query = db.selectFrom('notices').select(columns.notices).where('organization_id', '=', organization_id);
  return parsed(await query.where('id', '=', id).forNoKeyUpdate().executeTakeFirstOrThrow());
}

/** Those of one device, when they were raised or when they were over, newest first. */
export async function noticesAlong(
  db: Kysely<DB>,
  organizationId: OrganizationId,
  deviceId: DeviceId,
  moment: 'raised_at' | 'cleared_at',
  stretch: Stretch,
): Promise<NoticeRow[]> {
  const rows = await db
    .selectFrom('notices')
    .select(columns.notices)
    .where('organization_id', '=', organizationId)
    .where('device_id', '=', deviceId)
    .where(moment, 'is not', null)
    .where(earlier({ at: moment, id: 'id' }, stretch))
    .orderBy(moment, 'desc')
    .orderBy('id', 'desc')
    .limit(stretch.limit)
    .execute();
  return rows.map(parsed);
}

/** The lock that it concerns: its subject, or that of the code that is its subject. */
const lockOf = sql<string>`coalesce(notices.facts ->> 'lockId', notices.subject)`;

/** Somebody who sees some locations sees what concerns the devices and doors there, and nothing else. */
function named(db: Kysely<DB>, organizationId: OrganizationId, scope: Scope) {
  const place = sql<LocationId | null>`coalesce(devices.location_id, doors.location_id, door.location_id)`;
  let query = db
    .selectFrom('notices')
    .leftJoin('devices', (join) =>
      join
        .onRef('devices.organization_id', '=', 'notices.organization_id')
        .onRef('devices.id', '=', 'notices.device_id'),
    )
    .leftJoin('locks', (join) =>
      join
        .onRef('locks.organization_id', '=', 'notices.organization_id')
        .on((on) => on(on.cast<string>('locks.id', 'text'), '=', lockOf)),
    )
    .leftJoin('doors', (join) =>
      join
        .onRef('doors.organization_id', '=', 'locks.organization_id')
        .onRef('doors.lock_id', '=', 'locks.id')
        .on('doors.deleted_at', 'is', null),
    )
    .leftJoin('doors as door', (join) =>
      join
        .onRef('door.organization_id', '=', 'notices.organization_id')
        .on((on) => on(on.cast<string>('door.id', 'text'), '=', sql<string>`notices.facts ->> 'doorId'`)),
    )
    .leftJoin('locations', (join) =>
      join.onRef('locations.organization_id', '=', 'notices.organization_id').on('locations.id', '=', place),
    )
    .leftJoin('connections', (join) =>
      join
        .onRef('connections.organization_id', '=', 'notices.organization_id')
        .on((on) => on(on.cast<string>('connections.id', 'text'), '=', on.ref('notices.subject'))),
    )
    .selectAll('notices')
    .select(['devices.name as device_name', 'connections.name as connection_name', 'locations.time_zone as time_zone'])
    .select(sql<string | null>`coalesce(door.name, doors.name, locks.name)`.as('lock_name'))
    .where('notices.organization_id', '=', organizationId);
  if (scope !== 'all') {
    query = query.where(place, 'in', scope.length === 0 ? ['' as LocationId] : [...scope]);
  }
  return query;
}

/** Oldest first. */
export async function someNotices(
  db: Kysely<DB>,
  organizationId: OrganizationId,
  ids: readonly NoticeId[],
): Promise<NamedNotice[]> {
  if (ids.length === 0) return [];
  const rows = await named(db, organizationId, 'all')
    .where('notices.id', 'in', [...ids])
    .orderBy('notices.id')
    .execute();
  return rows.map(parsed);
}
