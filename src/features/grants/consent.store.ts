import { type Kysely, type Selectable, sql } from 'kysely';
import type { Tx } from '../../database/open.ts';
import { columns, type DB } from '../../database/types.ts';
import type { GrantId, OrganizationId } from '../../rules/ids.ts';
import type { Instant } from '../../rules/instant.ts';

export type AuthorizationCodeRow = Selectable<DB['authorization_codes']>;
export type RefreshTokenRow = Selectable<DB['refresh_tokens']>;

type Named = { organizationId: OrganizationId; hash: Buffer };

export async function insertAuthorizationCode(
  tx: Tx,
  {
    organizationId,
    hash,
    grantId,
    redirectUri,
    expiresAt,
  }: Named & { grantId: GrantId; redirectUri: string; expiresAt: Instant },
): Promise<void> {
  await tx
    .insertInto('authorization_codes')
    .values({
      organization_id: organizationId,
      code_hash: hash,
      grant_id: grantId,
      redirect_uri: redirectUri,
      expires_at: new Date(expiresAt),
    })
    .execute();
}

/** Its row is held: of two who bring one code, the second finds it used. */
export const lockAuthorizationCode = async (
  tx: Tx,
  { organizationId, hash }: Named,
): Promise<AuthorizationCodeRow | null> =>
  (await tx
    .selectFrom('authorization_codes')
    .select(columns.authorization_codes)
    .where('organization_id', '=', organizationId)
    .where('code_hash', '=', hash)
    .forUpdate()
    .executeTakeFirst()) ?? null;

export async function markCodeUsed(tx: Tx, row: AuthorizationCodeRow, now: Instant): Promise<void> {
  await tx
    .updateTable('authorization_codes')
    .set({ used_at: new Date(now) })
    .where('organization_id', '=', row.organization_id)
    .where('code_hash', '=', row.code_hash)
    .execute();
}

export async function insertRefreshToken(
  tx: Tx,
  { organizationId, hash, grantId, expiresAt }: Named & { grantId: GrantId; expiresAt: Instant },
): Promise<void> {
  await tx
    .insertInto('refresh_tokens')
    .values({ organization_id: organizationId, token_hash: hash, grant_id: grantId, expires_at: new Date(expiresAt) })
    .execute();
}

export const lockRefreshToken = async (tx: Tx, { organizationId, hash }: Named): Promise<RefreshTokenRow | null> =>
  (await tx
    .selectFrom('refresh_tokens')
    .select(columns.refresh_tokens)
    .where('organization_id', '=', organizationId)
    .where('token_hash', '=', hash)
    .forUpdate()
    .executeTakeFirst()) ?? null;

export async function markReplaced(tx: Tx, row: RefreshTokenRow, now: Instant): Promise<void> {
  await tx
    .updateTable('refresh_tokens')
    .set({ replaced_at: new Date(now) })
    .where('organization_id', '=', row.organization_id)
    .where('token_hash', '=', row.token_hash)
    .execute();
}

/** Housekeeping. */
export async function deleteExpiredBefore(db: Kysely<DB>, before: Instant): Promise<void> {
  const at = new Date(before);
  await sql`delete from authorization_codes where expires_at < ${at}`.execute(db);
  await sql`delete from refresh_tokens where expires_at < ${at}`.execute(db);
}
