import { type Kysely, type Selectable, sql } from 'kysely';
import { at } from '../../database/instant-value.ts';
import type { DB } from '../../database/types.ts';
import type { DoorId, LockId, OrganizationId, PassId } from '../../rules/ids.ts';
import { hours, type Instant, minutes } from '../../rules/instant.ts';
import { noWays, type PassRow, type WayFacts } from './pass-row.ts';

const parsed = (row: Selectable<DB['passes']> | undefined): PassRow | null =>
  row === undefined ? null : { ...row, way: (row.way ?? noWays) as WayFacts };

const of = (db: Kysely<DB>, organizationId: OrganizationId) =>
  db.selectFrom('passes').selectAll().where('organization_id', '=', organizationId);

export async function findPass(db: Kysely<DB>, organizationId: OrganizationId, id: PassId): Promise<PassRow | null> {
  return parsed(await of(db, organizationId).where('id', '=', id).executeTakeFirst());
}

export async function lockPass(db: Kysely<DB>, organizationId: OrganizationId, id: PassId): Promise<PassRow | null> {
  return parsed(await of(db, organizationId).where('id', '=', id).forNoKeyUpdate().executeTakeFirst());
}

export async function insertPass(
  db: Kysely<DB>,
  row: Pick<
    PassRow,
    | 'organization_id'
    | 'id'
    | 'token_hash'
    | 'token_sealed'
    | 'door_id'
    | 'duration_ms'
    | 'guest_email'
    | 'language'
    | 'holder_hash'
  >,
  now: Instant,
): Promise<void> {
  await db
    .insertInto('passes')
    .values({ ...row, phase: 'awaiting-payment', way: JSON.stringify(noWays), created_at: new Date(now) })
    .execute();
}

/** What of a pass moves. */
export async function savePass(db: Kysely<DB>, row: PassRow, wakeAt: Instant | null): Promise<void> {
  const date = (instant: Instant | null) => (instant === null ? null : new Date(instant));
  await db
    .updateTable('passes')
    .set({
      phase: row.phase,
      paid_at: date(row.paid_at),
      valid_from: date(row.valid_from),
      valid_until: date(row.valid_until),
      issue_until: date(row.issue_until),
      delivered: row.delivered,
      failure_reason: row.failure_reason,
      first_opened_at: date(row.first_opened_at),
      tries: row.tries,
      way: JSON.stringify(row.way),
      wake_at: date(wakeAt),
    })
    .where('organization_id', '=', row.organization_id)
    .where('id', '=', row.id)
    .execute();
}

export async function saveLanguage(
  db: Kysely<DB>,
  { organization_id, id }: Pick<PassRow, 'organization_id' | 'id'>,
  language: string,
): Promise<void> {
  await db
    .updateTable('passes')
    .set({ language })
    .where('organization_id', '=', organization_id)
    .where('id', '=', id)
    .execute();
}

/** The pass that this guest began to pay for last, while it waits for its money. */
export async function openPassOf(
  db: Kysely<DB>,
  organizationId: OrganizationId,
  doorId: DoorId,
  holderHash: Buffer,
): Promise<PassRow | null> {
  const row = await of(db, organizationId)
    .where('door_id', '=', doorId)
    .where('holder_hash', '=', holderHash)
    .where('phase', '=', 'awaiting-payment')
    .orderBy('id', 'desc')
    .limit(1)
    .executeTakeFirst();
  return parsed(row);
}

export async function currentPassOf(
  db: Kysely<DB>,
  organizationId: OrganizationId,
  { doorId, holderHash }: { doorId: DoorId; holderHash: Buffer },
  now: Instant,
): Promise<PassRow | null> {
  const row = await of(db, organizationId)
    .where('door_id', '=', doorId)
    .where('holder_hash', '=', holderHash)
    .where('phase', 'in', ['issuing', 'issued'])
    .where((one) => one.or([one('valid_until', 'is', null), one('valid_until', '>', at(now))]))
    .orderBy('id', 'desc')
    .limit(1)
    .executeTakeFirst();
  return parsed(row);
}

/** Whether somebody has a way in through this door, or is about to. Of unpaid ones only those of the last hour. */
export async function doorInUse(
  db: Kysely<DB>,
  organizationId: OrganizationId,
  doorId: DoorId,
  since: Instant,
): Promise<boolean> {
  const row = await db
    .selectFrom('passes')
    .select('id')
    .where('organization_id', '=', organizationId)
    .where('door_id', '=', doorId)
    .where((one) =>
      one.or([
        one('phase', 'in', ['issuing', 'issued']),
        one.and([one('phase', '=', 'awaiting-payment'), one('created_at', '>', at(since))]),
      ]),
    )
    .limit(1)
    .executeTakeFirst();
  return row !== undefined;
}

/** Ways in that are on this lock, or may be: a pass that has one is always due some time. Codes are sealed. */
export async function issuedOnLock(
  db: Kysely<DB>,
  organizationId: OrganizationId,
  lockId: LockId,
): Promise<{ reference: string; code: string | null }[]> {
  const { rows } = await sql<{ reference: string; code: string | null }>`
    select made ->> 'reference' as reference, made ->> 'code' as code
    from passes, jsonb_array_elements(passes.way -> 'issued') as made
    where passes.organization_id = ${organizationId} and passes.wake_at is not null
      and made ->> 'lockId' = ${lockId} and made ->> 'reference' is not null`.execute(db);
  return rows;
}

/** The pass that had this way in on the lock at that moment, or lately before. */
export async function passUsed(
  db: Kysely<DB>,
  organizationId: OrganizationId,
  doorId: DoorId,
  way: { lockId: LockId; print: string } | { lockId: LockId; number: string },
  when: Instant,
): Promise<PassId | null> {
  const row = await db
    .selectFrom('passes')
    .select('id')
    .where('organization_id', '=', organizationId)
    .where('door_id', '=', doorId)
    .where('valid_from', '<=', at(when + clocks))
    .where('valid_until', '>=', at(when - remembered))
    .where(sql<boolean>`way -> 'issued' @> ${JSON.stringify([way])}::jsonb`)
    .orderBy('id', 'desc')
    .limit(1)
    .executeTakeFirst();
  return row?.id ?? null;
}

/** Clocks of locks are wrong by a few minutes; digits come to be given to somebody else after a while. */
const [clocks, remembered] = [minutes(10), hours(48)];

/** Those that wait to try again; when a way in ends stays. */
export async function bringPassesForward(db: Kysely<DB>, now: Instant): Promise<void> {
  await db
    .updateTable('passes')
    .set({ wake_at: new Date(now) })
    .where('wake_at', '>', at(now))
    .where('phase', 'in', ['issuing', 'ended', 'cancelled'])
    .execute();
}

export async function duePasses(
  db: Kysely<DB>,
  now: Instant,
  limit: number,
): Promise<{ organizationId: OrganizationId; id: PassId }[]> {
  const rows = await db
    .selectFrom('passes')
    .select(['organization_id', 'id'])
    .where('wake_at', 'is not', null)
    .where('wake_at', '<=', at(now))
    .orderBy('wake_at')
    .limit(limit)
    .execute();
  return rows.map((row) => ({ organizationId: row.organization_id, id: row.id }));
}
