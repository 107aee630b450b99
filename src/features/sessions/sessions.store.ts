import { type Kysely, type Selectable, sql } from 'kysely';
import { at } from '../../database/instant-value.ts';
import { telling } from '../../database/notify.ts';
import { earlier } from '../../database/stretch.ts';
import { columns, type DB } from '../../database/types.ts';
import type { Scope } from '../../rules/accounts/actor.ts';
import type { ConnectionId, DeviceId, LocationId, OrganizationId, SessionId } from '../../rules/ids.ts';
import type { Instant } from '../../rules/instant.ts';
import type { Meter } from '../../rules/metering/energy.ts';
import type { Run, Session } from '../../rules/sessions/session.ts';
import type { Stretch } from '../../rules/timeline/moments.ts';
import type { SessionRow } from './session-row.ts';

type Stored = Selectable<DB['sessions']>;

const live = ['delayed', 'starting', 'running', 'stopping'] as const;
/** Written out, as the indexes of live sessions have it: a prepared statement finds them by no parameter. */
const livePhases = sql.raw(`('${live.join("', '")}')`);
const isLive = sql<boolean>`phase in ${livePhases}`;

const parsed = (row: Stored | undefined): SessionRow | null =>
  row === undefined ? null : { ...row, run: row.run as Run };

const of = (db: Kysely<DB>, organizationId: OrganizationId) =>
  db.selectFrom('sessions').select(columns.sessions).where('sessions.organization_id', '=', organizationId);

export async function findSession(
  db: Kysely<DB>,
  organizationId: OrganizationId,
  id: SessionId,
): Promise<SessionRow | null> {
  return parsed(await of(db, organizationId).where('id', '=', id).executeTakeFirst());
}

export async function lockSession(
  db: Kysely<DB>,
  organizationId: OrganizationId,
  id: SessionId,
): Promise<SessionRow | null> {
  return parsed(await of(db, organizationId).where('id', '=', id).forNoKeyUpdate().executeTakeFirst());
}

/**
 * The same, and whether another run of its device is under way. Whoever asks holds the device's lock, which is taken before
 * a run can begin, so that none begins meanwhile.
 */
export async function lockSessionToStart(
  db: Kysely<DB>,
  organizationId: OrganizationId,
  id: SessionId,
): Promise<{ row: SessionRow; deviceTaken: boolean } | null> {
  const other = sql<boolean>`exists (
    select from sessions other where other.organization_id = sessions.organization_id
      and other.device_id = sessions.device_id and other.id <> sessions.id and other.phase in ${livePhases})`;
  const found = await of(db, organizationId)
    .select(other.as('device_taken'))
    .where('id', '=', id)
    .forNoKeyUpdate()
    .executeTakeFirst();
  if (found === undefined) return null;
  const { device_taken: deviceTaken, run, ...row } = found;
  return { row: { ...row, run: run as Run }, deviceTaken };
}

export async function liveSession(
  db: Kysely<DB>,
  organizationId: OrganizationId,
  deviceId: DeviceId,
): Promise<SessionRow | null> {
  return parsed(await of(db, organizationId).where('device_id', '=', deviceId).where(isLive).executeTakeFirst());
}

/** Of these devices, those with a session under way. */
export async function devicesInUse(
  db: Kysely<DB>,
  organizationId: OrganizationId,
  deviceIds: readonly DeviceId[],
): Promise<Set<DeviceId>> {
  if (deviceIds.length === 0) return new Set();
  const rows = await db
    .selectFrom('sessions')
    .select('device_id')
    .where('organization_id', '=', organizationId)
    .where('device_id', 'in', [...deviceIds])
    .where(isLive)
    .execute();
  return new Set(rows.map((row) => row.device_id));
}

/** When the last run that somebody paid for was over; null: none was, or it is under way. */
export async function lastRunEnded(
  db: Kysely<DB>,
  organizationId: OrganizationId,
  deviceId: DeviceId,
): Promise<Instant | null> {
  const row = await db
    .selectFrom('sessions')
    .select('ended_at')
    .where('organization_id', '=', organizationId)
    .where('device_id', '=', deviceId)
    .where('paid_at', 'is not', null)
    .orderBy('id', 'desc')
    .limit(1)
    .executeTakeFirst();
  return row?.ended_at ?? null;
}

/** What else comes of it: `announced`, listeners hear of it; `freed`, the hold of its device is over. */
export type WithSession = { announced?: boolean; freed?: DeviceId | null };

/** What of a session moves. All in one statement, since a guest who has paid waits for it. */
export async function saveSession(
  db: Kysely<DB>,
  organizationId: OrganizationId,
  id: SessionId,
  session: Session,
  wakeAt: Instant | null,
  { announced = false, freed = null }: WithSession = {},
): Promise<void> {
  const date = (instant: Instant | null) => (instant === null ? null : new Date(instant));
  const saved = (freed === null ? db : db.with('freed', (one) => removingHold(one, organizationId, freed, id)))
    .updateTable('sessions')
    .set({
      phase: session.phase,
      superseded: session.superseded,
      duration_ms: session.durationMs,
      paid_at: date(session.paidAt),
      starts_at: date(session.startsAt),
      started_at: date(session.startedAt),
      ends_at: date(session.endsAt),
      ended_at: date(session.endedAt),
      failure_reason: session.failureReason,
      run: JSON.stringify(session.run),
      wake_at: date(wakeAt),
    })
    .where('organization_id', '=', organizationId)
    .where('id', '=', id);
  const message = { topic: 'session', organizationId, id };
  await (announced ? saved.returning(telling(message).as('told')) : saved).execute();
}

export async function saveMeter(
  db: Kysely<DB>,
  organizationId: OrganizationId,
  id: SessionId,
  meter: Meter,
): Promise<void> {
  await db
    .updateTable('sessions')
    .set({ energy_wh: meter.used, energy_counter: meter.counter })
    .where('organization_id', '=', organizationId)
    .where('id', '=', id)
    .execute();
}

export async function insertSession(
  db: Kysely<DB>,
  row: Pick<
    SessionRow,
    | 'organization_id'
    | 'id'
    | 'token_hash'
    | 'token_sealed'
    | 'device_id'
    | 'plan_id'
    | 'plan_name'
    | 'duration_ms'
    | 'delay_ms'
    | 'finish_below_watts'
    | 'finish_after_ms'
    | 'guest_email'
    | 'language'
    | 'mail_when_done'
    | 'run'
  >,
  now: Instant,
): Promise<void> {
  await db
    .insertInto('sessions')
    .values({ ...row, run: JSON.stringify(row.run), phase: 'awaiting-payment', created_at: new Date(now) })
    .execute();
}

export async function saveLanguage(
  db: Kysely<DB>,
  organizationId: OrganizationId,
  id: SessionId,
  language: string,
): Promise<void> {
  await db
    .updateTable('sessions')
    .set({ language })
    .where('organization_id', '=', organizationId)
    .where('id', '=', id)
    .execute();
}

export async function dueSessions(
  db: Kysely<DB>,
  now: Instant,
  limit: number,
  notOn: readonly ConnectionId[],
): Promise<{ organizationId: OrganizationId; id: SessionId; deviceId: DeviceId }[]> {
  let query = db
    .selectFrom('sessions')
    .select(['sessions.organization_id', 'sessions.id', 'sessions.device_id'])
    .where('wake_at', 'is not', null)
    .where('wake_at', '<=', at(now));
  if (notOn.length > 0) {
    query = query
      .innerJoin('devices', (join) =>
        join
          .onRef('devices.organization_id', '=', 'sessions.organization_id')
          .onRef('devices.id', '=', 'sessions.device_id'),
      )
      .where('devices.connection_id', 'not in', [...notOn]);
  }
  const rows = await query.orderBy('wake_at').limit(limit).execute();
  return rows.map((row) => ({ organizationId: row.organization_id, id: row.id, deviceId: row.device_id }));
}

/** Lets sessions be looked at now: all that live, those past their end, or all that run, which are then read at once. */
export async function wakeSessions(
  db: Kysely<DB>,
  now: Instant,
  which: 'live' | 'past-their-end' | 'running',
): Promise<number> {
  const sleeping = db
    .updateTable('sessions')
    .set({ wake_at: new Date(now) })
    .where('wake_at', '>', at(now));
  const lives = sleeping.where(isLive);
  const query = {
    live: lives,
    'past-their-end': lives.where('ends_at', '<=', at(now)),
    running: sleeping.set({ run: sql<string>`jsonb_set(run, '{retryAt}', 'null')` }).where('phase', '=', 'running'),
  }[which];
  return Number((await query.executeTakeFirst()).numUpdatedRows);
}

export type SessionFilter = {
  status?: 'PENDING' | 'ACTIVE' | 'COMPLETED' | 'CANCELLED';
  deviceId?: string;
  locationId?: string;
  limit: number;
  after: string | null;
};

const phases = {
  PENDING: ['awaiting-payment'],
  ACTIVE: live,
  COMPLETED: ['completed'],
  CANCELLED: ['cancelled'],
} as const;

export async function listSessions(
  db: Kysely<DB>,
  organizationId: OrganizationId,
  scope: Scope,
  filter: SessionFilter,
): Promise<SessionRow[]> {
  let query = of(db, organizationId);
  if (scope !== 'all' || filter.locationId !== undefined) {
    query = query.where(({ exists, selectFrom }) => {
      let devices = selectFrom('devices')
        .select('devices.id')
        .whereRef('devices.organization_id', '=', 'sessions.organization_id')
        .whereRef('devices.id', '=', 'sessions.device_id');
      if (scope !== 'all') {
        devices = devices.where('devices.location_id', 'in', scope.length === 0 ? ['' as LocationId] : [...scope]);
      }
      if (filter.locationId !== undefined) {
        devices = devices.where('devices.location_id', '=', filter.locationId as LocationId);
      }
      return exists(devices);
    });
  }
  if (filter.status !== undefined) query = query.where('phase', 'in', [...phases[filter.status]]);
  if (filter.deviceId !== undefined) query = query.where('device_id', '=', filter.deviceId as DeviceId);
  if (filter.after !== null) query = query.where('id', '<', filter.after as SessionId);
  const rows = await query.orderBy('id', 'desc').limit(filter.limit).execute();
  return rows.map((row) => ({ ...row, run: row.run as Run }));
}

// holds --------------------------------------------------------------------------------------------------------------

export type HoldRow = Selectable<DB['holds']>;

export async function findHold(
  db: Kysely<DB>,
  organizationId: OrganizationId,
  deviceId: DeviceId,
): Promise<HoldRow | null> {
  const query = db.selectFrom('holds').select(columns.holds).where('organization_id', '=', organizationId);
  return (await query.where('device_id', '=', deviceId).executeTakeFirst()) ?? null;
}

export async function saveHold(db: Kysely<DB>, { expires_at, ...row }: HoldRow): Promise<void> {
  const facts = {
    holder_hash: row.holder_hash,
    session_id: row.session_id,
    payment_id: row.payment_id,
    checkouts: row.checkouts,
    expires_at: new Date(expires_at),
  };
  await db
    .insertInto('holds')
    .values({ ...row, ...facts })
    .onConflict((conflict) => conflict.columns(['organization_id', 'device_id']).doUpdateSet(facts))
    .execute();
}

/** The hold is over: paid, given up, or its session ended. */
const removingHold = (
  db: Pick<Kysely<DB>, 'deleteFrom'>,
  organizationId: OrganizationId,
  deviceId: DeviceId,
  sessionId: SessionId,
) =>
  db
    .deleteFrom('holds')
    .where('organization_id', '=', organizationId)
    .where('device_id', '=', deviceId)
    .where('session_id', '=', sessionId);

/** Those of a device by when they were paid, or by when they were over; newest first. */
export async function sessionsAlong(
  db: Kysely<DB>,
  organizationId: OrganizationId,
  deviceId: DeviceId,
  moment: 'paid_at' | 'ended_at',
  stretch: Stretch,
): Promise<SessionRow[]> {
  const rows = await of(db, organizationId)
    .where('device_id', '=', deviceId)
    .where(moment, 'is not', null)
    .where(earlier({ at: moment, id: 'id' }, stretch))
    .orderBy(moment, 'desc')
    .orderBy('id', 'desc')
    .limit(stretch.limit)
    .execute();
  return rows.map((row) => ({ ...row, run: row.run as Run }));
}
