import type { Kysely, Selectable } from 'kysely';
import type { DB } from '../../database/types.ts';
import type { LockId, OrganizationId } from '../../rules/ids.ts';
import type { Instant } from '../../rules/instant.ts';
import type { Window } from '../../rules/pins/schedule.ts';

/** What is known of all codes of a lock together. */
export type LockCodesRow = Selectable<DB['lock_codes']>;
export type UnmanagedRow = Omit<Selectable<DB['unmanaged_codes']>, 'code_window'> & { code_window: Window | null };

export async function lockCodesOf(
  db: Kysely<DB>,
  organizationId: OrganizationId,
  lockId: LockId,
): Promise<LockCodesRow | null> {
  const query = db.selectFrom('lock_codes').selectAll().where('organization_id', '=', organizationId);
  return (await query.where('lock_id', '=', lockId).executeTakeFirst()) ?? null;
}

export async function saveLockCodes(
  db: Kysely<DB>,
  organizationId: OrganizationId,
  lockId: LockId,
  change: { writtenAt?: Instant; heldSince?: Instant | null; heldUntil?: Instant | null; pauseMs?: number },
): Promise<void> {
  const date = (value: Instant | null) => (value === null ? null : new Date(value));
  const set = {
    ...(change.writtenAt === undefined ? {} : { written_at: date(change.writtenAt) }),
    ...(change.heldSince === undefined ? {} : { held_since: date(change.heldSince) }),
    ...(change.heldUntil === undefined ? {} : { held_until: date(change.heldUntil) }),
    ...(change.pauseMs === undefined ? {} : { pause_ms: change.pauseMs }),
  };
  await db
    .insertInto('lock_codes')
    .values({ organization_id: organizationId, lock_id: lockId, ...set })
    .onConflict((row) => row.columns(['organization_id', 'lock_id']).doUpdateSet(set))
    .execute();
}

const unmanaged = (db: Kysely<DB>, organizationId: OrganizationId, lockId: LockId) =>
  db
    .selectFrom('unmanaged_codes')
    .selectAll()
    .$narrowType<Pick<UnmanagedRow, 'code_window'>>()
    .where('organization_id', '=', organizationId)
    .where('lock_id', '=', lockId);

export const unmanagedOn = (db: Kysely<DB>, organizationId: OrganizationId, lockId: LockId): Promise<UnmanagedRow[]> =>
  unmanaged(db, organizationId, lockId).orderBy('reference').execute();

export async function findUnmanaged(
  db: Kysely<DB>,
  organizationId: OrganizationId,
  lockId: LockId,
  reference: string,
): Promise<UnmanagedRow | null> {
  return (await unmanaged(db, organizationId, lockId).where('reference', '=', reference).executeTakeFirst()) ?? null;
}

export async function insertUnmanaged(db: Kysely<DB>, row: UnmanagedRow): Promise<void> {
  await db
    .insertInto('unmanaged_codes')
    .values({
      ...row,
      code_window: row.code_window === null ? null : JSON.stringify(row.code_window),
      first_seen_at: new Date(row.first_seen_at),
      seen_at: new Date(row.seen_at),
    })
    .onConflict((one) => one.columns(['organization_id', 'lock_id', 'reference']).doNothing())
    .execute();
}

export async function saveUnmanaged(
  db: Kysely<DB>,
  row: UnmanagedRow,
  change: Partial<
    Pick<UnmanagedRow, 'ignored' | 'unwanted' | 'name' | 'slot' | 'pin_hash' | 'pin_sealed' | 'code_window'>
  >,
): Promise<void> {
  const { code_window, ...rest } = change;
  const window = code_window === undefined ? {} : { code_window: code_window && JSON.stringify(code_window) };
  await db
    .updateTable('unmanaged_codes')
    .set({ ...rest, ...window })
    .where('organization_id', '=', row.organization_id)
    .where('lock_id', '=', row.lock_id)
    .where('reference', '=', row.reference)
    .execute();
}

export async function deleteUnmanaged(
  db: Kysely<DB>,
  organizationId: OrganizationId,
  lockId: LockId,
  references: readonly string[],
): Promise<void> {
  if (references.length === 0) return;
  await db
    .deleteFrom('unmanaged_codes')
    .where('organization_id', '=', organizationId)
    .where('lock_id', '=', lockId)
    .where('reference', 'in', [...references])
    .execute();
}
