/**
 * Consent on our own page (OAuth 2, authorization code): somebody signs in and lets a program act for them; the program
 * changes the code into tokens with its secret. A code is good once and for a minute, a token that renews others once: who
 * comes with a used one has stolen it or been robbed, so the grant ends.
 */
import type { Database, Tx } from '../../database/open.ts';
import type { AccessTokens } from '../../host/access-token.ts';
import type { Clock } from '../../host/clock.ts';
import type { Random } from '../../host/random.ts';
import type { SecretBox } from '../../host/secret-box.ts';
import type { Program } from '../../rules/accounts/caller.ts';
import { Problem } from '../../rules/errors.ts';
import { tokenLifetime } from '../../rules/grants/lifetime.ts';
import type { GrantId } from '../../rules/ids.ts';
import { hours, minutes } from '../../rules/instant.ts';
import type { Accounts } from '../accounts/accounts.service.ts';
import type { Logins, Proved } from '../accounts/logins.service.ts';
import type { ApiClientsService } from '../api-clients/api-clients.service.ts';
import type { Audit } from '../audit/audit.service.ts';
import {
  deleteExpiredBefore,
  insertAuthorizationCode,
  insertRefreshToken,
  lockAuthorizationCode,
  lockRefreshToken,
  markCodeUsed,
  markReplaced,
} from './consent.store.ts';
import type { GrantsService } from './grants.service.ts';
import { endGrants, liveGrantOf, useGrantUntil } from './grants.store.ts';

export type Tokens = { accessToken: string; refreshToken: string; expiresInSeconds: number };
type Proof = { clientId: string; clientSecret: string };

type Deps = {
  database: Database;
  clock: Clock;
  random: Random;
  box: SecretBox;
  audit: Audit;
  accessTokens: AccessTokens;
  apiClients: Pick<ApiClientsService, 'byId' | 'secretIs'>;
  accounts: Pick<Accounts, 'personOf'>;
  logins: Pick<Logins, 'prove'>;
  grants: Pick<GrantsService, 'begin'>;
};

const codeLife = minutes(1);
/** Of a token that renews others, from its last use. */
const refreshLife = hours(24 * 180);

export function createConsent(deps: Deps) {
  const { database, clock, random, box, audit, accessTokens, apiClients, accounts, logins, grants } = deps;

  /** The program, if the browser may be sent back there; null: nobody knows it, so nobody is sent anywhere. */
  async function asked(clientId: string, redirectUri: string): Promise<Program | null> {
    const program = await apiClients.byId(clientId);
    return program?.redirectUris.includes(redirectUri) === true ? program : null;
  }

  /** Counted and locked as any sign-in is. */
  async function allow(
    program: Program,
    o: { redirectUri: string; name: string; password: string; ip: string | null; userAgent: string | null },
  ): Promise<Proved<string>> {
    const { organizationId } = program;
    const { redirectUri, name, password, ip, userAgent } = o;
    const attempt = { by: 'email', name, password, ip, userAgent, within: organizationId } as const;
    return logins.prove(attempt, async (tx, account): Promise<string> => {
      const personId = await accounts.personOf(tx, account);
      const whose = { program, personId, accountId: account.id, installId: null };
      const { grantId } = await grants.begin(tx, { ...whose, kind: 'code', verified: true });
      const code = random.token();
      const expiresAt = clock.now() + codeLife;
      const hash = box.hash('authorization-code', code);
      await insertAuthorizationCode(tx, { organizationId, hash, grantId, redirectUri, expiresAt });
      await audit.append(tx, {
        organizationId,
        category: 'authentication',
        action: 'program allowed',
        actor: null,
        entity: 'Account',
        entityId: account.id,
        details: { apiClientId: program.id, grantId },
        personal: { username: account.username, email: account.email, ip, userAgent },
      });
      return code;
    });
  }

  async function redeem(proof: Proof, code: string, redirectUri: string): Promise<Tokens> {
    const program = await proved(proof);
    const { organizationId } = program;
    const tokens = await database.transaction('consent-redeem', async (tx) => {
      const row = await lockAuthorizationCode(tx, { organizationId, hash: box.hash('authorization-code', code) });
      const now = clock.now();
      if (row === null || row.redirect_uri !== redirectUri || row.expires_at <= now) return null;
      if (!(await lives(program, row.grant_id))) return null;
      if (row.used_at !== null) return stolen(tx, program, row.grant_id);
      await markCodeUsed(tx, row, now);
      return issue(tx, program, row.grant_id);
    });
    if (tokens === null) throw invalidGrant('The code is not valid');
    return tokens;
  }

  async function refresh(proof: Proof, token: string): Promise<Tokens> {
    const program = await proved(proof);
    const { organizationId } = program;
    const tokens = await database.transaction('consent-refresh', async (tx) => {
      const row = await lockRefreshToken(tx, { organizationId, hash: box.hash('refresh-token', token) });
      const now = clock.now();
      if (row === null || row.expires_at <= now || !(await lives(program, row.grant_id))) return null;
      if (row.replaced_at !== null) return stolen(tx, program, row.grant_id);
      await markReplaced(tx, row, now);
      return issue(tx, program, row.grant_id);
    });
    if (tokens === null) throw invalidGrant('The refresh token is not valid');
    return tokens;
  }

  const forgetOld = (): Promise<void> => deleteExpiredBefore(database.read, clock.now() - hours(24));

  return { asked, allow, redeem, refresh, forgetOld };

  async function proved({ clientId, clientSecret }: Proof): Promise<Program> {
    const program = await apiClients.byId(clientId);
    if (program !== null && (await apiClients.secretIs(program, clientSecret))) return program;
    throw new Problem('INVALID_CREDENTIALS', 'Client is not valid', { facts: { error: 'invalid_client' } });
  }

  async function lives(program: Program, grantId: GrantId): Promise<boolean> {
    return (await liveGrantOf(database.pool, program.organizationId, grantId, program.id)) !== null;
  }

  async function issue(tx: Tx, { organizationId }: Program, grantId: GrantId): Promise<Tokens> {
    const now = clock.now();
    const refreshToken = random.token();
    const [accessUntil, refreshUntil] = [now + tokenLifetime('code'), now + refreshLife];
    const hash = box.hash('refresh-token', refreshToken);
    await insertRefreshToken(tx, { organizationId, hash, grantId, expiresAt: refreshUntil });
    await useGrantUntil(tx, organizationId, grantId, refreshUntil);
    const accessToken = await accessTokens.sign({ organizationId, grantId }, accessUntil);
    return { accessToken, refreshToken, expiresInSeconds: tokenLifetime('code') / 1000 };
  }

  async function stolen(tx: Tx, { organizationId, id }: Program, grantId: GrantId): Promise<null> {
    await endGrants(tx, organizationId, { id: grantId }, { at: clock.now(), why: 'used twice' });
    await audit.append(tx, {
      organizationId,
      category: 'authentication',
      action: 'grant ended: a code or token was used twice',
      actor: null,
      entity: 'Grant',
      entityId: grantId,
      details: { apiClientId: id },
    });
    return null;
  }
}

export type ConsentService = ReturnType<typeof createConsent>;

const invalidGrant = (text: string): Problem =>
  new Problem('VALIDATION_ERROR', text, { facts: { error: 'invalid_grant' } });
