/**
 * Signing in: the union of both originals (product.md, Login). `{username, password}` needs the CSRF token and sets the
 * cookie; `{email, password}` needs no token and sets no cookie. It must never set a cookie in the e-mail way: that way
 * has no CSRF check.
 */
import type { FastifyInstance } from 'fastify';
import { Type } from 'typebox';
import type { Accounts } from '../../features/accounts/accounts.service.ts';
import type { Logins } from '../../features/accounts/logins.service.ts';
import type { Organizations } from '../../features/organizations/organizations.service.ts';
import type { Clock } from '../../host/clock.ts';
import { clearSessionCookie, credentialOf, sessionCookie, setSessionCookie } from '../../http/credentials.ts';
import type { Csrf } from '../../http/csrf.ts';
import { defineRoute } from '../../http/route.ts';
import { Problem } from '../../rules/errors.ts';
import { iso } from '../../rules/instant.ts';
import { LoginAnswer, LoginBody, Me, Ok, PasswordBody } from './login.schemas.ts';
import { locked, meOf, parseLogin, signedIn, userAgentOf } from './login.views.ts';

export type LoginRoutesDeps = {
  logins: Logins;
  accounts: Accounts;
  organizations: Organizations;
  csrf: Csrf;
  clock: Clock;
  /** Whether browsers reach us by https: cookies are then Secure. */
  https: boolean;
};

export function loginRoutes(app: FastifyInstance, o: LoginRoutesDeps): void {
  const common = { family: 'ring', tag: 'Login', source: import.meta.url } as const;

  defineRoute(app, {
    ...common,
    method: 'GET',
    url: '/api/auth/csrf',
    access: 'public',
    summary: 'Get a CSRF token',
    purpose: 'Sets the cookie csrf_token and answers the same token, to be sent as X-CSRF-Token with every write.',
    success: Type.Object({ csrfToken: Type.String() }),
    errors: [],
    handler: async ({ request, reply }) => ({ csrfToken: o.csrf.issue(request, reply) }),
  });

  defineRoute(app, {
    ...common,
    method: 'POST',
    url: '/api/auth/login',
    access: 'public',
    summary: 'Sign in',
    purpose:
      'With `username` and `password`: needs the CSRF token and sets the session cookie. With `email` and `password`: ' +
      'needs no CSRF token and sets no cookie. Either answers a token for `Authorization: Bearer`, good for 12 hours. ' +
      'Five failures lock a name for 15 minutes.',
    body: LoginBody,
    optionalBody: true,
    example: { username: 'admin', password: 'Password123!' },
    success: LoginAnswer,
    errors: ['VALIDATION_ERROR', 'INVALID_CREDENTIALS', 'INVALID_CSRF_TOKEN', 'ACCOUNT_DISABLED', 'ACCOUNT_LOCKED'],
    handler: async ({ body, request, reply }) => {
      const by = body?.email !== undefined && body.username === undefined ? 'email' : 'username';
      if (by === 'username' && !o.csrf.accepts(request)) throw new Problem('INVALID_CSRF_TOKEN');
      const { name, password } = parseLogin(by, body);
      const result = await o.logins.login({ by, name, password, ip: request.ip, userAgent: userAgentOf(request) });
      switch (result.kind) {
        case 'locked':
          throw locked(result.until, o.clock.now());
        case 'wrong':
          throw new Problem('INVALID_CREDENTIALS');
        case 'disabled':
          throw new Problem('ACCOUNT_DISABLED');
        case 'in':
          if (by === 'username') setSessionCookie(reply, result.token, o.https);
          return signedIn(result.account, result.token, iso(result.expiresAt));
      }
    },
  });

  defineRoute(app, {
    ...common,
    method: 'POST',
    url: '/api/auth/logout',
    access: 'public',
    csrf: true,
    summary: 'Sign out',
    purpose: 'Ends the login, its token and its cookie at once on every process; also without a login.',
    success: Ok,
    errors: [],
    handler: async ({ request, reply }) => {
      const credential = credentialOf(request);
      if (credential !== null) await o.logins.logout(credential.token, request.ip);
      if (request.cookies[sessionCookie] !== undefined) clearSessionCookie(reply, o.https);
      return { ok: true as const };
    },
  });

  defineRoute(app, {
    ...common,
    method: 'GET',
    url: '/api/auth/me',
    access: 'staff',
    summary: 'Who is signed in',
    purpose: 'The account behind the token or cookie, its role and its organization.',
    success: Me,
    errors: [],
    handler: async ({ actor }) => {
      const account = await o.accounts.find(actor.organizationId, actor.accountId);
      const organization = await o.organizations.byId(actor.organizationId);
      if (account === null || organization === null) throw new Problem('UNAUTHORIZED');
      return meOf(account, organization, actor.scope);
    },
  });

  defineRoute(app, {
    ...common,
    family: 'keystead',
    method: 'POST',
    url: '/api/auth/change-password',
    access: 'staff',
    summary: 'Change your own password',
    purpose: 'Ends all other logins of the account; the one that changes it stays.',
    body: PasswordBody,
    example: { currentPassword: 'Password123!', newPassword: 'correct horse battery staple' },
    success: Ok,
    errors: ['VALIDATION_ERROR', 'INVALID_CREDENTIALS', 'ACCOUNT_LOCKED'],
    handler: async ({ actor, body }) => {
      const result = await o.logins.changePassword(actor, body);
      switch (result.kind) {
        case 'locked':
          throw locked(result.until, o.clock.now());
        case 'wrong':
          throw new Problem('INVALID_CREDENTIALS', 'The current password is wrong', { field: 'currentPassword' });
        case 'changed':
          return { ok: true as const };
      }
    },
  });
}
