import { type Kysely, type Selectable, sql } from 'kysely';
import type { Tx } from '../../database/open.ts';
import { columns, type DB } from '../../database/types.ts';
import type { AccountId, GrantId, OrganizationId, SignInCodeId } from '../../rules/ids.ts';
import type { Instant } from '../../rules/instant.ts';

export type SignInCodeRow = Selectable<DB['sign_in_codes']>;

export async function insertCode(
  tx: Tx,
  row: Omit<SignInCodeRow, 'tries' | 'created_at' | 'expires_at' | 'used_at'>,
  times: { now: Instant; expiresAt: Instant },
): Promise<void> {
  await tx
    .insertInto('sign_in_codes')
    .values({ ...row, created_at: new Date(times.now), expires_at: new Date(times.expiresAt) })
    .execute();
}

/** When codes were asked for lately, oldest first. */
export async function codesSince(
  db: Kysely<DB>,
  { organizationId, accountId }: { organizationId: OrganizationId; accountId: AccountId },
  since: Instant,
): Promise<Instant[]> {
  const rows = await db
    .selectFrom('sign_in_codes')
    .select('created_at')
    .where('organization_id', '=', organizationId)
    .where('account_id', '=', accountId)
    .where('created_at', '>', sql<number>`${new Date(since)}`)
    .orderBy('created_at')
    .execute();
  return rows.map((row) => row.created_at);
}

/**
 * The newest code of a grant that can still be typed, counted as tried before anybody looks whether it was right: of any
 * number of tries at once no more than `most` are looked at. null: there is none.
 */
export async function tryCode(
  tx: Tx,
  organizationId: OrganizationId,
  grantId: GrantId,
  o: { now: Instant; most: number },
): Promise<SignInCodeRow | null> {
  const newest = await tx
    .selectFrom('sign_in_codes')
    .select(columns.sign_in_codes)
    .where('organization_id', '=', organizationId)
    .where('grant_id', '=', grantId)
    .orderBy('id', 'desc')
    .limit(1)
    .forUpdate()
    .executeTakeFirst();
  if (newest === undefined || newest.used_at !== null || newest.expires_at <= o.now || newest.tries >= o.most)
    return null;
  await tx
    .updateTable('sign_in_codes')
    .set({ tries: newest.tries + 1 })
    .where('organization_id', '=', organizationId)
    .where('id', '=', newest.id)
    .execute();
  return newest;
}

export async function useCode(tx: Tx, { organization_id, id }: SignInCodeRow, now: Instant): Promise<void> {
  await tx
    .updateTable('sign_in_codes')
    .set({ used_at: new Date(now) })
    .where('organization_id', '=', organization_id)
    .where('id', '=', id)
    .execute();
}

export const findCode = async (
  db: Kysely<DB>,
  organizationId: OrganizationId,
  id: SignInCodeId,
): Promise<SignInCodeRow | null> =>
  (await db
    .selectFrom('sign_in_codes')
    .select(columns.sign_in_codes)
    .where('organization_id', '=', organizationId)
    .where('id', '=', id)
    .executeTakeFirst()) ?? null;

export async function deleteCodesBefore(db: Kysely<DB>, before: Instant): Promise<void> {
  await db
    .deleteFrom('sign_in_codes')
    .where('expires_at', '<', sql<number>`${new Date(before)}`)
    .execute();
}
