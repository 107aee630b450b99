/**
 * What proves that a program may act for a person: a token names a grant, and the row decides at every request, so that
 * what ends it ends its tokens at once on every process. A disabled account, another password, a revoked program end it too.
 */
import type { Database, Tx } from '../../database/open.ts';
import type { AccessTokens } from '../../host/access-token.ts';
import type { Clock } from '../../host/clock.ts';
import type { Random } from '../../host/random.ts';
import { actorOf, type Caller, type GrantKind, type Program } from '../../rules/accounts/caller.ts';
import { renewalDue, tokenLifetime } from '../../rules/grants/lifetime.ts';
import type { AccountId, GrantId, OrganizationId, PersonId } from '../../rules/ids.ts';
import { hours, type Instant } from '../../rules/instant.ts';
import type { Audit } from '../audit/audit.service.ts';
import { namesOf } from '../people/people.service.ts';
import {
  deleteGrantsBefore,
  endGrants,
  insertGrant,
  type LiveGrant,
  liveGrantOf,
  useGrantUntil,
} from './grants.store.ts';

export type NewGrantFor = {
  program: Program;
  personId: PersonId;
  accountId: AccountId | null;
  kind: GrantKind;
  installId: string | null;
  /** False: a mailed code is still asked for. */
  verified: boolean;
  /** Of a sub-user: with whose account it ends. */
  ownerAccountId?: AccountId | null;
};

export type Begun = { grantId: GrantId; token: string; expiresAt: Instant };

/** A token that was read: whose it is, and whether a new one is due. */
export type Known = { caller: Caller; verified: boolean; renewalDue: boolean };

type Deps = { database: Database; clock: Clock; random: Random; accessTokens: AccessTokens; audit: Audit };

const keptFor = hours(24 * 30);

export function createGrants({ database, clock, random, accessTokens, audit }: Deps) {
  /** Within the transaction that proved who it is. */
  async function begin(tx: Tx, grant: NewGrantFor): Promise<Begun> {
    const { program, personId, accountId, kind, installId, verified, ownerAccountId = null } = grant;
    const now = clock.now();
    const expiresAt = now + tokenLifetime(kind);
    const grantId = random.id('grant');
    const { organizationId } = program;
    const row = { organization_id: organizationId, id: grantId, api_client_id: program.id, person_id: personId };
    const times = { verifiedAt: verified ? now : null, usedUntil: expiresAt };
    const whose = { account_id: accountId, ownerAccountId, kind, install_id: installId };
    await insertGrant(tx, { ...row, ...whose, ...times }, now);
    return { grantId, token: await accessTokens.sign({ organizationId, grantId }, expiresAt), expiresAt };
  }

  /** Whose token this is, of this program; null: of nobody now. One that waits for its code is told as not verified. */
  async function read(program: Program, token: string, ip: string | null): Promise<Known | null> {
    const named = await accessTokens.read(token);
    if (named === null || named.organizationId !== program.organizationId) return null;
    const row = await liveGrantOf(database.pool, program.organizationId, named.grantId, program.id);
    if (row === null) return null;
    return { caller: callerOf(program, row, ip), verified: row.verified, renewalDue: renewalDue(named, clock.now()) };
  }

  /** Another token of the same grant, as long-lived as the first. */
  async function renew({ organizationId, grantId, grantKind }: Caller): Promise<string> {
    const until = clock.now() + tokenLifetime(grantKind);
    await useGrantUntil(database.read, organizationId, grantId, until);
    return accessTokens.sign({ organizationId, grantId }, until);
  }

  /** A token that names nothing, where a contract wants one beside the news that the password was wrong. */
  const worthless = (organizationId: OrganizationId): Promise<string> =>
    accessTokens.sign({ organizationId, grantId: random.id('grant') }, clock.now() + hours(1));

  /** Every token that this installation of an app has of the caller; without one named, the caller's own grant. */
  async function logout(caller: Caller, installId: string | null): Promise<void> {
    const { organizationId, grantId, person } = caller;
    await database.transaction('grant-logout', async (tx) => {
      const which = installId === null ? { id: grantId } : { personId: person.id, installId };
      const ended = await endGrants(tx, organizationId, which, { at: clock.now(), why: 'logout' });
      if (ended === 0) return;
      await audit.append(tx, {
        organizationId,
        category: 'authentication',
        action: 'logout through a program',
        actor: actorOf(caller),
        entity: 'Grant',
        entityId: grantId,
        details: { apiClientId: caller.program.id, ended },
        personal: { name: person.name },
      });
    });
  }

  const forgetOld = (): Promise<void> => deleteGrantsBefore(database.read, clock.now() - keptFor);

  return { begin, read, renew, worthless, logout, forgetOld };
}

export type GrantsService = ReturnType<typeof createGrants>;

function callerOf(program: Program, row: LiveGrant, ip: string | null): Caller {
  const { username, email, role } = row;
  const scope = row.all_locations ? ('all' as const) : row.locations;
  return {
    organizationId: program.organizationId,
    program,
    grantId: row.id,
    grantKind: row.kind,
    installId: row.install_id,
    person: { id: row.person_id, uuid: row.uuid, name: row.name, ...namesOf(row) },
    account: row.account_id === null ? null : { id: row.account_id, username, email, role, scope },
    ip,
  };
}
