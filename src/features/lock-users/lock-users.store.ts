import { type Kysely, sql } from 'kysely';
import type { Tx } from '../../database/open.ts';
import type { DB } from '../../database/types.ts';
import type { ApiClientId, LocationId, LockId, OrganizationId, PersonId } from '../../rules/ids.ts';
import type { Instant } from '../../rules/instant.ts';
import type { LockRole } from '../../rules/lock-users/roles.ts';

/** Somebody on a lock, with what they are known by. `hasAccount` false and an identifier: they were invited. */
export type LockUser = {
  lockId: LockId;
  role: LockRole;
  personId: PersonId;
  uuid: string;
  name: string;
  first_name: string | null;
  last_name: string | null;
  email: string | null;
  phone: string | null;
  hasAccount: boolean;
  since: Instant;
};

export async function usersOfLocks(
  db: Kysely<DB>,
  organizationId: OrganizationId,
  lockIds: readonly LockId[],
): Promise<LockUser[]> {
  if (lockIds.length === 0) return [];
  const rows = await db
    .selectFrom('lock_users')
    .innerJoin('people', (join) =>
      join
        .onRef('people.organization_id', '=', 'lock_users.organization_id')
        .onRef('people.id', '=', 'lock_users.person_id'),
    )
    .leftJoin('accounts', (join) =>
      join
        .onRef('accounts.organization_id', '=', 'people.organization_id')
        .onRef('accounts.person_id', '=', 'people.id'),
    )
    .select([
      'lock_users.lock_id',
      'lock_users.role',
      'lock_users.created_at',
      'people.id as person_id',
      'people.uuid',
      'people.name',
      'people.first_name',
      'people.last_name',
      'people.phone',
      'people.email',
      'accounts.id as account_id',
      'accounts.email as account_email',
    ])
    .where('lock_users.organization_id', '=', organizationId)
    .where('lock_users.lock_id', 'in', [...lockIds])
    .where('people.deleted_at', 'is', null)
    .orderBy('lock_users.created_at')
    .orderBy('people.id')
    .execute();
  return rows.map(({ lock_id, created_at, person_id, account_id, account_email, email, ...row }) => ({
    ...row,
    lockId: lock_id,
    personId: person_id,
    email: account_email ?? email,
    hasAccount: account_id !== null,
    since: created_at,
  }));
}

export async function roleOn(
  db: Kysely<DB>,
  organizationId: OrganizationId,
  lockId: LockId,
  personId: PersonId,
): Promise<LockRole | null> {
  const row = await db
    .selectFrom('lock_users')
    .select('role')
    .where('organization_id', '=', organizationId)
    .where('lock_id', '=', lockId)
    .where('person_id', '=', personId)
    .executeTakeFirst();
  return row?.role ?? null;
}

export async function rolesOf(
  db: Kysely<DB>,
  organizationId: OrganizationId,
  personId: PersonId,
): Promise<Map<LockId, LockRole>> {
  const rows = await db
    .selectFrom('lock_users')
    .select(['lock_id', 'role'])
    .where('organization_id', '=', organizationId)
    .where('person_id', '=', personId)
    .execute();
  return new Map(rows.map(({ lock_id, role }) => [lock_id, role]));
}

type Place = { organizationId: OrganizationId; lockId: LockId; locationId: LocationId | null };

/** Whether somebody else owns the lock: one who is named as such, or an administrator of its place who can sign in. */
export async function hasOtherOwner(db: Kysely<DB>, of: Place, except: PersonId): Promise<boolean> {
  const { organizationId, lockId, locationId } = of;
  const { rows } = await sql<{ found: boolean }>`
    select exists (
      select from lock_users u join people p on p.organization_id = u.organization_id and p.id = u.person_id
      where u.organization_id = ${organizationId} and u.lock_id = ${lockId} and u.role = 'superuser'
        and u.person_id <> ${except} and p.deleted_at is null
    ) or exists (
      select from accounts a
      where a.organization_id = ${organizationId} and a.role = 'admin' and not a.disabled
        and (a.all_locations or exists (
          select from account_locations s
          where s.organization_id = a.organization_id and s.account_id = a.id and s.location_id = ${locationId}))
    ) as found`.execute(db);
  return rows[0]?.found === true;
}

export async function putUser(
  tx: Tx,
  { organizationId, lockId, personId, role }: Omit<Place, 'locationId'> & { personId: PersonId; role: LockRole },
  now: Instant,
): Promise<void> {
  const at = new Date(now);
  await tx
    .insertInto('lock_users')
    .values({
      organization_id: organizationId,
      lock_id: lockId,
      person_id: personId,
      role,
      created_at: at,
      updated_at: at,
    })
    .onConflict((conflict) =>
      conflict.columns(['organization_id', 'lock_id', 'person_id']).doUpdateSet({ role, updated_at: at }),
    )
    .execute();
}

export async function dropUser(
  tx: Tx,
  { organizationId, lockId, personId }: Omit<Place, 'locationId'> & { personId: PersonId },
): Promise<void> {
  await tx
    .deleteFrom('lock_users')
    .where('organization_id', '=', organizationId)
    .where('lock_id', '=', lockId)
    .where('person_id', '=', personId)
    .execute();
}

export async function excludedBy(
  db: Kysely<DB>,
  organizationId: OrganizationId,
  client: ApiClientId,
): Promise<Set<LockId>> {
  const rows = await db
    .selectFrom('excluded_locks')
    .select('lock_id')
    .where('organization_id', '=', organizationId)
    .where('api_client_id', '=', client)
    .execute();
  return new Set(rows.map(({ lock_id }) => lock_id));
}

/** False: it was so already. */
export async function exclude(
  tx: Tx,
  { organizationId, client, lockId }: { organizationId: OrganizationId; client: ApiClientId; lockId: LockId },
  excluded: boolean,
  now: Instant,
): Promise<boolean> {
  if (excluded) {
    const row = { organization_id: organizationId, api_client_id: client, lock_id: lockId, excluded_at: new Date(now) };
    const made = await tx
      .insertInto('excluded_locks')
      .values(row)
      .onConflict((one) => one.doNothing())
      .executeTakeFirst();
    return (made.numInsertedOrUpdatedRows ?? 0n) > 0n;
  }
  const gone = await tx
    .deleteFrom('excluded_locks')
    .where('organization_id', '=', organizationId)
    .where('api_client_id', '=', client)
    .where('lock_id', '=', lockId)
    .executeTakeFirst();
  return gone.numDeletedRows > 0n;
}
