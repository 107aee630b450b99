import type { Kysely, Selectable } from 'kysely';
import type { Tx } from '../../database/open.ts';
import { columns, type DB } from '../../database/types.ts';
import type { Scope } from '../../rules/accounts/actor.ts';
import type { AccountId, OrganizationId, PersonId } from '../../rules/ids.ts';
import type { Instant } from '../../rules/instant.ts';

export type AccountRow = Selectable<DB['accounts']>;

export async function findAccount(
  db: Kysely<DB>,
  organizationId: OrganizationId,
  id: AccountId | string,
): Promise<AccountRow | null> {
  const row = await db
    .selectFrom('accounts')
    .select(columns.accounts)
    .where('organization_id', '=', organizationId)
    .where('id', '=', id as AccountId)
    .executeTakeFirst();
  return row ?? null;
}

/** The account as it is now, and as it stays until the transaction ends. */
export async function holdAccount(tx: Tx, organizationId: OrganizationId, id: AccountId): Promise<AccountRow | null> {
  const row = await tx
    .selectFrom('accounts')
    .select(columns.accounts)
    .where('organization_id', '=', organizationId)
    .where('id', '=', id)
    .forShare()
    .executeTakeFirst();
  return row ?? null;
}

/** An administrator who can sign in. */
export async function hasAdministrator(db: Kysely<DB>, organizationId: OrganizationId): Promise<boolean> {
  const row = await db
    .selectFrom('accounts')
    .select('id')
    .where('organization_id', '=', organizationId)
    .where('role', '=', 'admin')
    .where('disabled', '=', false)
    .limit(1)
    .executeTakeFirst();
  return row !== undefined;
}

export async function insertAccount(
  tx: Tx,
  account: Omit<AccountRow, 'number' | 'person_id' | 'all_locations' | 'disabled' | 'created_at' | 'updated_at'>,
  scope: Scope,
  now: Instant,
): Promise<AccountRow> {
  const at = new Date(now);
  const row = await tx
    .insertInto('accounts')
    .values({ ...account, all_locations: scope === 'all', created_at: at, updated_at: at })
    .returning(columns.accounts)
    .executeTakeFirstOrThrow();
  if (scope !== 'all' && scope.length > 0) {
    const { organization_id, id: account_id } = row;
    const rows = scope.map((location_id) => ({ organization_id, account_id, location_id }));
    await tx.insertInto('account_locations').values(rows).execute();
  }
  return row;
}

export async function updatePassword(
  tx: Tx,
  organizationId: OrganizationId,
  id: AccountId,
  passwordHash: string,
  now: Instant,
): Promise<void> {
  await tx
    .updateTable('accounts')
    .set({ password_hash: passwordHash, updated_at: new Date(now) })
    .where('organization_id', '=', organizationId)
    .where('id', '=', id)
    .execute();
}

/** The account whose sign-in this person has. */
export async function findAccountOfPerson(
  db: Kysely<DB>,
  organizationId: OrganizationId,
  personId: PersonId,
): Promise<AccountRow | null> {
  const row = await db
    .selectFrom('accounts')
    .select(columns.accounts)
    .where('organization_id', '=', organizationId)
    .where('person_id', '=', personId)
    .executeTakeFirst();
  return row ?? null;
}

export async function setPersonOfAccount(
  tx: Tx,
  { organization_id, id }: Pick<AccountRow, 'organization_id' | 'id'>,
  personId: PersonId,
): Promise<void> {
  await tx
    .updateTable('accounts')
    .set({ person_id: personId })
    .where('organization_id', '=', organization_id)
    .where('id', '=', id)
    .execute();
}
