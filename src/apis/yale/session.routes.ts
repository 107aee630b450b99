/**
 * Apps that ask for a password themselves. A wrong one is no error but `vPassword: false`, and a new installation
 * `vInstallId: false`, until it has typed the code that was mailed: so the clients of this API expect it.
 */
import { Type } from 'typebox';
import type { GrantsService } from '../../features/grants/grants.service.ts';
import type { PasswordSession, PasswordSessionsService } from '../../features/grants/password-sessions.service.ts';
import type { SignInCodesService } from '../../features/grants/sign-in-codes.service.ts';
import type { Clock } from '../../host/clock.ts';
import { accessTokenOf, notSignedIn, sendToken } from '../../http/partners.ts';
import type { Caller, Program } from '../../rules/accounts/caller.ts';
import { invalid, Problem } from '../../rules/errors.ts';
import { hours, iso } from '../../rules/instant.ts';
import { identifierOf } from '../../rules/people/identifier.ts';
import { type YaleApi, yaleRoute } from './yale-route.ts';

type Deps = {
  passwordSessions: PasswordSessionsService;
  signInCodes: SignInCodesService;
  grants: GrantsService;
  clock: Clock;
};

const text = (description: string, maxLength = 320) => Type.String({ description, minLength: 1, maxLength });
const Session = Type.Object({
  userId: Type.String(),
  installId: Type.String(),
  expiresAt: Type.String(),
  vPassword: Type.Boolean({ description: 'false: the password is wrong' }),
  vInstallId: Type.Boolean({ description: 'false: a code is asked for first' }),
  vEmail: Type.Boolean(),
  vPhone: Type.Boolean(),
  hasInstallId: Type.Boolean(),
  hasPassword: Type.Boolean(),
  hasEmail: Type.Boolean(),
  hasPhone: Type.Boolean(),
  isLockedOut: Type.Boolean(),
});
const Done = Type.Object({ message: Type.String() });
const done = { message: 'success' };
const Ways = Type.Object({ way: Type.Enum(['email', 'phone']) });
const source = import.meta.url;

export function sessionRoutes(api: YaleApi, { passwordSessions, signInCodes, grants, clock }: Deps): void {
  yaleRoute(api, {
    method: 'POST',
    url: '/session',
    access: 'program',
    summary: 'Sign in with a password',
    purpose:
      'The token is in the headers `x-access-token` and `x-august-access-token` of the answer. It is good for signing in alone until `vInstallId` is true.',
    body: Type.Object({
      identifier: text('`email:` or `phone:` and what follows'),
      password: text('The password', 1024),
      installId: text('Which installation of the app', 200),
    }),
    example: { installId: 'f0e8…', identifier: 'email:owner@example.com', password: 'Password123!' },
    success: Session,
    errors: ['VALIDATION_ERROR', 'ACCOUNT_LOCKED', 'ACCOUNT_DISABLED'],
    source,
    handler: async ({ body, program, request, reply }) => {
      const identifier = identifierOf(body.identifier);
      if (identifier === null || identifier.kind === 'uuid') {
        throw invalid('identifier', 'identifier must be email: or phone: and an address or a number');
      }
      const { password, installId } = body;
      const userAgent = request.headers['user-agent']?.slice(0, 300).toWellFormed().replaceAll('\0', '') ?? null;
      const tried = { identifier, password, installId, ip: request.ip, userAgent };
      const proved = await passwordSessions.begin(program, tried);
      switch (proved.kind) {
        case 'locked': {
          const retryAfterSeconds = Math.max(1, Math.ceil((proved.until - clock.now()) / 1000));
          throw new Problem('ACCOUNT_LOCKED', undefined, { retryAfterSeconds });
        }
        case 'disabled':
          throw new Problem('ACCOUNT_DISABLED');
        case 'wrong':
          sendToken(reply, await grants.worthless(program.organizationId));
          return { ...wrong, installId, expiresAt: iso(clock.now() + hours(1)) };
        case 'in':
          sendToken(reply, proved.begun.token);
          return sessionView(proved.begun, installId, identifier.kind === 'phone');
      }
    },
  });

  yaleRoute(api, {
    method: 'POST',
    url: '/validation/:way',
    access: 'program',
    summary: 'Have a code sent',
    purpose:
      'Six digits, good for ten minutes, to the e-mail address of the account, also where a phone number was given: no text messages are sent.',
    params: Ways,
    body: Type.Object({ value: Type.Optional(Type.String({ description: 'Not looked at', maxLength: 320 })) }),
    optionalBody: true,
    example: { value: 'owner@example.com' },
    success: Done,
    errors: ['VALIDATION_ERROR', 'INVALID_CREDENTIALS', 'NOT_CONFIGURED', 'RATE_LIMITED'],
    source,
    handler: async ({ program, request }) => {
      await signInCodes.send(await signingIn(program, accessTokenOf(request), request.ip));
      return done;
    },
  });

  yaleRoute(api, {
    method: 'POST',
    url: '/validate/:way',
    access: 'program',
    summary: 'Confirm with the code',
    purpose: 'Makes the installation known and the token good for everything.',
    params: Ways,
    body: Type.Object({ code: Type.Union([Type.String({ maxLength: 20 }), Type.Integer()]) }),
    example: { code: '123456', email: 'owner@example.com' },
    success: Done,
    errors: ['VALIDATION_ERROR', 'INVALID_CREDENTIALS'],
    source,
    handler: async ({ program, body, request, reply }) => {
      const caller = await signingIn(program, accessTokenOf(request), request.ip);
      const typed = String(body.code).trim().padStart(6, '0');
      if (!(await signInCodes.confirm(caller, typed)))
        throw new Problem('INVALID_CREDENTIALS', 'The code is not valid');
      sendToken(reply, await grants.renew(caller));
      return done;
    },
  });

  yaleRoute(api, {
    method: 'POST',
    url: '/users/logout',
    access: 'caller',
    summary: 'Sign out',
    purpose: 'Ends all tokens that this installation has of the caller, at once on every process.',
    body: Out,
    optionalBody: true,
    example: {
      apnsDeviceID: '61d45ae2-b358-49e3-8101-1cca8951fd48',
      installID: 'b212f325-fa1f-4a84-bf0d-bdf1831e8eab',
    },
    success: Type.Null(),
    errors: ['VALIDATION_ERROR'],
    source,
    handler: async ({ caller, body, reply }) => {
      await grants.logout(caller, body?.installID ?? caller.installId);
      return reply.type('application/json; charset=utf-8').send('null');
    },
  });

  yaleRoute(api, {
    method: 'DELETE',
    url: '/session',
    access: 'caller',
    summary: 'Sign out',
    purpose: 'As `POST /users/logout`.',
    body: Out,
    optionalBody: true,
    example: { installID: 'b212f325-fa1f-4a84-bf0d-bdf1831e8eab' },
    success: Type.Null(),
    errors: ['VALIDATION_ERROR'],
    source,
    handler: async ({ caller, body, reply }) => {
      await grants.logout(caller, body?.installID ?? caller.installId);
      return reply.type('application/json; charset=utf-8').send('null');
    },
  });

  /** Who is about to sign in: their token is good for nothing else yet. */
  async function signingIn(program: Program, token: string | null, ip: string): Promise<Caller> {
    const known = token === null ? null : await grants.read(program, token, ip);
    if (known === null) throw notSignedIn();
    return known.caller;
  }
}

const Out = Type.Object({
  apnsDeviceID: Type.Optional(
    Type.String({ maxLength: 200, description: 'Nothing is pushed, so nothing is forgotten' }),
  ),
  installID: Type.Optional(Type.String({ maxLength: 200 })),
});

const wrong = {
  userId: '',
  vPassword: false,
  vInstallId: false,
  vEmail: false,
  vPhone: false,
  hasInstallId: true,
  hasPassword: true,
  hasEmail: true,
  hasPhone: false,
  isLockedOut: false,
};

function sessionView({ userId, expiresAt, known, account }: PasswordSession, installId: string, byPhone: boolean) {
  return {
    ...wrong,
    userId,
    installId,
    expiresAt: iso(expiresAt),
    vPassword: true,
    vInstallId: known,
    vEmail: known && !byPhone,
    vPhone: known && byPhone,
    hasEmail: account.email !== null,
    hasPhone: byPhone,
  };
}
