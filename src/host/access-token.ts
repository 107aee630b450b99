import { jwtVerify, SignJWT } from 'jose';
import type { GrantId, OrganizationId } from '../rules/ids.ts';
import type { Instant } from '../rules/instant.ts';
import type { Clock } from './clock.ts';
import type { SecretBox } from './secret-box.ts';

/**
 * What a partner's program carries for a person: a signed name of a grant. As with logins (login-token.ts) the row decides
 * at each request; clients read `exp` alone.
 */
export type AccessTokens = {
  sign(grant: NamedGrant, expiresAt: Instant): Promise<string>;
  /** null: not ours, changed, or expired. */
  read(token: string): Promise<(NamedGrant & { issuedAt: Instant; expiresAt: Instant }) | null>;
};

export type NamedGrant = { organizationId: OrganizationId; grantId: GrantId };

const audience = 'keystead:partner';

export function createAccessTokens(o: { secrets: SecretBox; clock: Clock }): AccessTokens {
  const key = o.secrets.derive('access-token');
  return {
    sign: ({ organizationId, grantId }, expiresAt) =>
      new SignJWT({ org: organizationId })
        .setProtectedHeader({ alg: 'HS256', typ: 'JWT' })
        .setJti(grantId)
        .setAudience(audience)
        .setIssuedAt(Math.floor(o.clock.now() / 1000))
        .setExpirationTime(Math.floor(expiresAt / 1000))
        .sign(key),
    async read(token) {
      if (token.length > 2048) return null;
      try {
        const { payload } = await jwtVerify(token, key, {
          algorithms: ['HS256'],
          audience,
          currentDate: new Date(o.clock.now()),
        });
        const { org, jti, iat, exp } = payload;
        if (typeof org !== 'string' || jti === undefined || iat === undefined || exp === undefined) return null;
        const named = { organizationId: org as OrganizationId, grantId: jti as GrantId };
        return { ...named, issuedAt: iat * 1000, expiresAt: exp * 1000 };
      } catch {
        return null; // jose throws for every token that is not good
      }
    },
  };
}
