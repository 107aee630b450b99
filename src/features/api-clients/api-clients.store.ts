import type { Kysely, Selectable } from 'kysely';
import { columns, type DB } from '../../database/types.ts';
import type { ApiClientId, OrganizationId } from '../../rules/ids.ts';
import type { Instant } from '../../rules/instant.ts';

export type ApiClientRow = Selectable<DB['api_clients']>;

const of = (db: Kysely<DB>, organizationId: OrganizationId) =>
  db.selectFrom('api_clients').select(columns.api_clients).where('organization_id', '=', organizationId);

/** Those that were not revoked. */
export const listApiClients = (
  db: Kysely<DB>,
  organizationId: OrganizationId,
  page: { limit: number; after: string | null },
): Promise<ApiClientRow[]> =>
  of(db, organizationId)
    .where('revoked_at', 'is', null)
    .where('id', '>', (page.after ?? '') as ApiClientId)
    .orderBy('id')
    .limit(page.limit)
    .execute();

export const findApiClient = async (
  db: Kysely<DB>,
  organizationId: OrganizationId,
  id: string,
): Promise<ApiClientRow | null> =>
  (await of(db, organizationId)
    .where('id', '=', id as ApiClientId)
    .where('revoked_at', 'is', null)
    .executeTakeFirst()) ?? null;

/** The client as it is, until the transaction ends. */
export const lockApiClient = async (
  db: Kysely<DB>,
  organizationId: OrganizationId,
  id: string,
): Promise<ApiClientRow | null> =>
  (await of(db, organizationId)
    .where('id', '=', id as ApiClientId)
    .where('revoked_at', 'is', null)
    .forNoKeyUpdate()
    .executeTakeFirst()) ?? null;

export async function insertApiClient(
  db: Kysely<DB>,
  row: Omit<ApiClientRow, 'created_at' | 'updated_at' | 'revoked_at'>,
  now: Instant,
): Promise<ApiClientRow> {
  const at = new Date(now);
  return db
    .insertInto('api_clients')
    .values({ ...row, created_at: at, updated_at: at })
    .returning(columns.api_clients)
    .executeTakeFirstOrThrow();
}

export async function updateApiClient(
  db: Kysely<DB>,
  row: ApiClientRow,
  change: { secret_hash: Buffer } | { revoked_at: Instant },
  now: Instant,
): Promise<void> {
  const set = 'revoked_at' in change ? { revoked_at: new Date(change.revoked_at) } : change;
  await db
    .updateTable('api_clients')
    .set({ ...set, updated_at: new Date(now) })
    .where('organization_id', '=', row.organization_id)
    .where('id', '=', row.id)
    .execute();
}
