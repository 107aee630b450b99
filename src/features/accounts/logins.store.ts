import { type Kysely, sql } from 'kysely';
import type { Database, Tx } from '../../database/open.ts';
import type { DB } from '../../database/types.ts';
import type { Actor, Role } from '../../rules/accounts/actor.ts';
import type { AccountId, LocationId, LoginId, OrganizationId } from '../../rules/ids.ts';
import type { Instant } from '../../rules/instant.ts';

export type NewLogin = {
  organizationId: OrganizationId;
  id: LoginId;
  accountId: AccountId;
  kind: 'cookie' | 'token';
  ip: string | null;
  userAgent: string | null;
  createdAt: Instant;
  expiresAt: Instant;
};

export async function insertLogin(tx: Tx, login: NewLogin): Promise<void> {
  await tx
    .insertInto('logins')
    .values({
      organization_id: login.organizationId,
      id: login.id,
      account_id: login.accountId,
      kind: login.kind,
      ip: login.ip,
      user_agent: login.userAgent,
      created_at: new Date(login.createdAt),
      expires_at: new Date(login.expiresAt),
    })
    .execute();
}

type ActorRow = {
  account_id: AccountId;
  username: string;
  email: string | null;
  role: Role;
  all_locations: boolean;
  locations: LocationId[];
};

const liveLogin = `
  select a.id as account_id, a.username, a.email, a.role, a.all_locations,
         array(select s.location_id from account_locations s
               where s.organization_id = a.organization_id and s.account_id = a.id) as locations
  from logins l
  join accounts a on a.organization_id = l.organization_id and a.id = l.account_id
  where l.organization_id = $1 and l.id = $2 and l.ended_at is null and l.expires_at > $3 and not a.disabled`;

/** Who this login is, now; null when it is over. One statement at every request of staff. */
export async function actorOfLogin(
  pool: Database['pool'],
  organizationId: OrganizationId,
  loginId: LoginId,
  now: Instant,
  ip: string | null,
): Promise<Actor | null> {
  const values = [organizationId, loginId, new Date(now)];
  const { rows } = await pool.query<ActorRow>({ name: 'actor-of-login', text: liveLogin, values });
  const row = rows[0];
  if (row === undefined) return null;
  return {
    organizationId,
    accountId: row.account_id,
    loginId,
    username: row.username,
    email: row.email,
    role: row.role,
    scope: row.all_locations ? 'all' : row.locations,
    ip,
  };
}

/** False when it was over already. */
export async function endLogin(tx: Tx, organizationId: OrganizationId, id: LoginId, now: Instant): Promise<boolean> {
  const result = await tx
    .updateTable('logins')
    .set({ ended_at: new Date(now) })
    .where('organization_id', '=', organizationId)
    .where('id', '=', id)
    .where('ended_at', 'is', null)
    .executeTakeFirst();
  return result.numUpdatedRows > 0n;
}

/** Ends every login of an account, but one if named. */
export async function endLoginsOf(
  tx: Tx,
  organizationId: OrganizationId,
  accountId: AccountId,
  now: Instant,
  except: LoginId | null,
): Promise<number> {
  let query = tx
    .updateTable('logins')
    .set({ ended_at: new Date(now) })
    .where('organization_id', '=', organizationId)
    .where('account_id', '=', accountId)
    .where('ended_at', 'is', null);
  if (except !== null) query = query.where('id', '!=', except);
  const result = await query.executeTakeFirst();
  return Number(result.numUpdatedRows);
}

export async function deleteLoginsBefore(db: Kysely<DB>, before: Instant): Promise<void> {
  await db
    .deleteFrom('logins')
    .where('expires_at', '<', sql<number>`${new Date(before)}`)
    .execute();
}
