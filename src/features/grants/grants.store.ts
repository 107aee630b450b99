import { type Kysely, type Selectable, sql } from 'kysely';
import type { Database, Tx } from '../../database/open.ts';
import { columns, type DB } from '../../database/types.ts';
import type { Role } from '../../rules/accounts/actor.ts';
import type { GrantKind } from '../../rules/accounts/caller.ts';
import type { AccountId, ApiClientId, GrantId, LocationId, OrganizationId, PersonId } from '../../rules/ids.ts';
import type { Instant } from '../../rules/instant.ts';

export type GrantRow = Selectable<DB['grants']>;

export type NewGrant = Pick<
  GrantRow,
  'organization_id' | 'id' | 'api_client_id' | 'person_id' | 'account_id' | 'kind' | 'install_id'
> & { ownerAccountId: AccountId | null; verifiedAt: Instant | null; usedUntil: Instant };

/** The mark of the account's password is taken from the account as it stands. */
export async function insertGrant(tx: Tx, grant: NewGrant, now: Instant): Promise<void> {
  const { organization_id, id, api_client_id, person_id, account_id, kind, install_id } = grant;
  await sql`
    insert into grants (organization_id, id, api_client_id, person_id, account_id, kind, install_id, owner_account_id,
      password_mark, verified_at, used_until, created_at)
    values (${organization_id}, ${id}, ${api_client_id}, ${person_id}, ${account_id}, ${kind}, ${install_id},
      ${grant.ownerAccountId},
      (select ${markOf} from accounts a where a.organization_id = ${organization_id} and a.id = ${account_id}),
      ${grant.verifiedAt === null ? null : new Date(grant.verifiedAt)}::timestamptz, ${new Date(grant.usedUntil)},
      ${new Date(now)})`.execute(tx);
}

const markText = `encode(sha256(convert_to(a.password_hash, 'UTF8')), 'hex')`;
const markOf = sql.raw(markText);

export type LiveGrant = {
  id: GrantId;
  kind: GrantKind;
  install_id: string | null;
  verified: boolean;
  person_id: PersonId;
  uuid: string;
  name: string;
  first_name: string | null;
  last_name: string | null;
  account_id: AccountId | null;
  username: string;
  email: string | null;
  role: Role;
  all_locations: boolean;
  locations: LocationId[];
};

const liveGrant = `
  select g.id, g.kind, g.install_id, g.verified_at is not null as verified,
         p.id as person_id, p.uuid, p.name, p.first_name, p.last_name,
         a.id as account_id, a.username, a.email, a.role, a.all_locations,
         array(select s.location_id from account_locations s
               where s.organization_id = a.organization_id and s.account_id = a.id) as locations
  from grants g
  join people p on p.organization_id = g.organization_id and p.id = g.person_id and p.deleted_at is null
  left join accounts a on a.organization_id = g.organization_id and a.id = g.account_id
  where g.organization_id = $1 and g.id = $2 and g.api_client_id = $3 and g.ended_at is null
    and (g.owner_account_id is null or exists (select from accounts o
      where o.organization_id = g.organization_id and o.id = g.owner_account_id and not o.disabled))
    and (g.account_id is null or (not a.disabled and g.password_mark = ${markText}))`;

/** Whom this grant is of, now; null when it is over. One statement at every request of a program. */
export async function liveGrantOf(
  pool: Database['pool'],
  organizationId: OrganizationId,
  id: GrantId,
  client: ApiClientId,
): Promise<LiveGrant | null> {
  const values = [organizationId, id, client];
  const { rows } = await pool.query<LiveGrant>({ name: 'live-grant', text: liveGrant, values });
  return rows[0] ?? null;
}

export async function verifyGrants(
  tx: Tx,
  of: { organizationId: OrganizationId; accountId: AccountId; grantId: GrantId },
  now: Instant,
): Promise<void> {
  await tx
    .updateTable('grants')
    .set({ verified_at: new Date(now) })
    .where('organization_id', '=', of.organizationId)
    .where('id', '=', of.grantId)
    .where('account_id', '=', of.accountId)
    .where('verified_at', 'is', null)
    .execute();
}

export async function useGrantUntil(
  db: Kysely<DB>,
  organizationId: OrganizationId,
  id: GrantId,
  until: Instant,
): Promise<void> {
  await db
    .updateTable('grants')
    .set({ used_until: sql`greatest(used_until, ${new Date(until)}::timestamptz)` })
    .where('organization_id', '=', organizationId)
    .where('id', '=', id)
    .execute();
}

/** Ends what an installation of an app has of a person, or one grant alone; how many there were. */
export async function endGrants(
  tx: Tx,
  organizationId: OrganizationId,
  which: { id: GrantId } | { personId: PersonId; installId: string },
  how: { at: Instant; why: string },
): Promise<number> {
  const query = tx
    .updateTable('grants')
    .set({ ended_at: new Date(how.at), ended_why: how.why })
    .where('organization_id', '=', organizationId)
    .where('ended_at', 'is', null);
  const some =
    'id' in which
      ? query.where('id', '=', which.id)
      : query.where('person_id', '=', which.personId).where('install_id', '=', which.installId);
  return Number((await some.executeTakeFirst()).numUpdatedRows);
}

export const findGrant = async (
  db: Kysely<DB>,
  organizationId: OrganizationId,
  id: GrantId,
): Promise<GrantRow | null> =>
  (await db
    .selectFrom('grants')
    .select(columns.grants)
    .where('organization_id', '=', organizationId)
    .where('id', '=', id)
    .executeTakeFirst()) ?? null;

export async function knowsInstall(
  db: Kysely<DB>,
  { organizationId, accountId, installId }: { organizationId: OrganizationId; accountId: AccountId; installId: string },
): Promise<boolean> {
  const row = await db
    .selectFrom('known_installs')
    .select('install_id')
    .where('organization_id', '=', organizationId)
    .where('account_id', '=', accountId)
    .where('install_id', '=', installId)
    .executeTakeFirst();
  return row !== undefined;
}

export async function rememberInstall(
  tx: Tx,
  { organizationId, accountId, installId }: { organizationId: OrganizationId; accountId: AccountId; installId: string },
  now: Instant,
): Promise<void> {
  await tx
    .insertInto('known_installs')
    .values({
      organization_id: organizationId,
      account_id: accountId,
      install_id: installId,
      known_since: new Date(now),
    })
    .onConflict((conflict) => conflict.doNothing())
    .execute();
}

/** Housekeeping: what is over, or whose last token ran out. */
export async function deleteGrantsBefore(db: Kysely<DB>, before: Instant): Promise<void> {
  const at = new Date(before);
  await sql`delete from grants where ended_at < ${at} or used_until < ${at}`.execute(db);
}
