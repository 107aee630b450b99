import { type Kysely, type Selectable, sql } from 'kysely';
import { at } from '../../database/instant-value.ts';
import { columns, type DB } from '../../database/types.ts';
import type { LockCommandKind } from '../../drivers/lock-port.ts';
import type { AccountId, CommandId, LockId, OrganizationId, PassId, PersonId, PinId } from '../../rules/ids.ts';
import type { Instant } from '../../rules/instant.ts';

/** Who asked, and by which API. */
export type AskedBy = { api: string; accountId?: AccountId; pinId?: PinId; passId?: PassId; personId?: PersonId };

export type LockCommandRow = Omit<Selectable<DB['lock_commands']>, 'kind' | 'facts' | 'asked_by'> & {
  kind: LockCommandKind;
  facts: Record<string, unknown>;
  asked_by: AskedBy;
};

const all = (db: Kysely<DB>) =>
  db
    .selectFrom('lock_commands')
    .select(columns.lock_commands)
    .$narrowType<Pick<LockCommandRow, 'kind' | 'facts' | 'asked_by'>>();

export async function insertLockCommand(
  db: Kysely<DB>,
  row: Pick<
    LockCommandRow,
    | 'organization_id'
    | 'id'
    | 'lock_id'
    | 'lane'
    | 'kind'
    | 'facts'
    | 'asked_by'
    | 'asked_at'
    | 'sending_until'
    | 'lease_until'
  >,
): Promise<void> {
  await db
    .insertInto('lock_commands')
    .values({
      ...row,
      facts: JSON.stringify(row.facts),
      asked_by: JSON.stringify(row.asked_by),
      asked_at: new Date(row.asked_at),
      sending_until: new Date(row.sending_until),
      lease_until: new Date(row.lease_until),
    })
    .execute();
}

export type Ended = Pick<LockCommandRow, 'reason' | 'detail'> & {
  outcome: NonNullable<LockCommandRow['outcome']>;
  cut_short?: true;
};

/** False: somebody else has closed it meanwhile. */
export async function finishLockCommand(
  db: Kysely<DB>,
  organizationId: OrganizationId,
  id: CommandId,
  ended: Ended,
  now: Instant,
): Promise<boolean> {
  const { numUpdatedRows } = await db
    .updateTable('lock_commands')
    .set({ ...ended, finished_at: new Date(now) })
    .where('organization_id', '=', organizationId)
    .where('id', '=', id)
    .where('outcome', 'is', null)
    .executeTakeFirst();
  return numUpdatedRows > 0n;
}

/** Those of a lock that were written and not reported on: under way, or left by one who is gone. */
export async function openLockCommands(
  db: Kysely<DB>,
  organizationId: OrganizationId,
  lockId: LockId,
): Promise<LockCommandRow[]> {
  return all(db)
    .where('organization_id', '=', organizationId)
    .where('lock_id', '=', lockId)
    .where('outcome', 'is', null)
    .orderBy('id')
    .execute();
}

/** Of all organizations, whose lease is over. */
export async function abandonedLockCommands(db: Kysely<DB>, now: Instant, limit: number): Promise<LockCommandRow[]> {
  return all(db).where('outcome', 'is', null).where('lease_until', '<=', at(now)).limit(limit).execute();
}

/** Those of all organizations: nobody carries them out any more. */
export async function endLockLeases(db: Kysely<DB>, now: Instant): Promise<void> {
  await db
    .updateTable('lock_commands')
    .set({ lease_until: new Date(now) })
    .where('outcome', 'is', null)
    .where('lease_until', '>', at(now))
    .execute();
}

/** Those of these kinds that a crash cut short, told from now on. */
export async function takeLeft(
  db: Kysely<DB>,
  organizationId: OrganizationId,
  lockId: LockId,
  kinds: readonly LockCommandKind[],
  now: Instant,
): Promise<LockCommandRow[]> {
  const rows = await db
    .updateTable('lock_commands')
    .set({ left_told_at: new Date(now) })
    .where('organization_id', '=', organizationId)
    .where('lock_id', '=', lockId)
    .where('cut_short', '=', true)
    .where('left_told_at', 'is', null)
    .where('kind', 'in', [...kinds])
    .returning(columns.lock_commands)
    .$narrowType<Pick<LockCommandRow, 'kind' | 'facts' | 'asked_by'>>()
    .execute();
  return rows.toSorted((a, b) => (a.id < b.id ? -1 : 1));
}

export async function findLockCommand(
  db: Kysely<DB>,
  organizationId: OrganizationId,
  id: string,
): Promise<LockCommandRow | null> {
  const query = all(db).where('organization_id', '=', organizationId);
  return (await query.where('id', '=', id as CommandId).executeTakeFirst()) ?? null;
}

/** The earliest of this kind in that time whose doing is not proved yet, held until the transaction ends. */
export async function lockUnproved(
  db: Kysely<DB>,
  organizationId: OrganizationId,
  lockId: LockId,
  kind: LockCommandKind,
  asked: { from: Instant; to: Instant },
): Promise<LockCommandRow | null> {
  const row = await all(db)
    .where('organization_id', '=', organizationId)
    .where('lock_id', '=', lockId)
    .where('outcome', 'in', ['accepted', 'unknown'])
    .where('proved_at', 'is', null)
    .where('kind', '=', kind)
    .where('asked_at', '>=', at(asked.from))
    .where('asked_at', '<=', at(asked.to))
    .orderBy('asked_at')
    .limit(1)
    .forNoKeyUpdate()
    .executeTakeFirst();
  return row ?? null;
}

/** Whether one of this kind that was carried out was asked for in that time. */
export async function askedWithin(
  db: Kysely<DB>,
  organizationId: OrganizationId,
  lockId: LockId,
  kind: LockCommandKind,
  asked: { from: Instant; to: Instant },
): Promise<boolean> {
  const row = await db
    .selectFrom('lock_commands')
    .select('id')
    .where('organization_id', '=', organizationId)
    .where('lock_id', '=', lockId)
    .where('kind', '=', kind)
    .where((one) => one.or([one('outcome', '!=', 'refused'), one('outcome', 'is', null)]))
    .where('asked_at', '>=', at(asked.from))
    .where('asked_at', '<=', at(asked.to))
    .limit(1)
    .executeTakeFirst();
  return row !== undefined;
}

export async function markProved(db: Kysely<DB>, { organization_id, id }: LockCommandRow, when: Instant) {
  await db
    .updateTable('lock_commands')
    .set({ proved_at: new Date(when) })
    .where('organization_id', '=', organization_id)
    .where('id', '=', id)
    .execute();
}

/** Those that one order of many asked for (an emergency), newest first. */
export async function lockCommandsOf(
  db: Kysely<DB>,
  organizationId: OrganizationId,
  lockIds: readonly LockId[],
  order: string,
): Promise<LockCommandRow[]> {
  if (lockIds.length === 0) return [];
  return all(db)
    .where('organization_id', '=', organizationId)
    .where('lock_id', 'in', [...lockIds])
    .where(sql<boolean>`facts ->> 'order' = ${order}`)
    .orderBy('id', 'desc')
    .execute();
}
