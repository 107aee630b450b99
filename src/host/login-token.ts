import { jwtVerify, SignJWT } from 'jose';
import type { LoginId, OrganizationId } from '../rules/ids.ts';
import type { Instant } from '../rules/instant.ts';
import type { Clock } from './clock.ts';
import type { SecretBox } from './secret-box.ts';

/**
 * What a browser or an integration carries: a signed name of a login row. It says nothing of rights: those are read from
 * the row at each request, so that an ended login ends everywhere at once.
 */
export type LoginTokens = {
  sign(login: NamedLogin, expiresAt: Instant): Promise<string>;
  /** null: not ours, changed, or expired. */
  read(token: string): Promise<NamedLogin | null>;
};

export type NamedLogin = { organizationId: OrganizationId; loginId: LoginId };

const audience = 'keystead:login';

export function createLoginTokens(o: { secrets: SecretBox; clock: Clock }): LoginTokens {
  const key = o.secrets.derive('login-token');
  return {
    sign: (login, expiresAt) =>
      new SignJWT({ org: login.organizationId })
        .setProtectedHeader({ alg: 'HS256', typ: 'JWT' })
        .setJti(login.loginId)
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
        const { org, jti } = payload;
        if (typeof org !== 'string' || jti === undefined) return null;
        return { organizationId: org as OrganizationId, loginId: jti as LoginId };
      } catch {
        return null; // jose throws for every token that is not good
      }
    },
  };
}
