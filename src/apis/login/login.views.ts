import type { FastifyRequest } from 'fastify';
import type { Static } from 'typebox';
import type { Account } from '../../features/accounts/accounts.service.ts';
import type { LoginTry } from '../../features/accounts/logins.service.ts';
import type { Organization } from '../../features/organizations/organizations.service.ts';
import type { Scope } from '../../rules/accounts/actor.ts';
import { invalid, Problem } from '../../rules/errors.ts';
import { type Instant, iso } from '../../rules/instant.ts';
import type { LoginAnswer, LoginBody, Me } from './login.schemas.ts';

/** The texts of ring-intercom-control §5.1. */
export function parseLogin(
  by: LoginTry['by'],
  body: Static<typeof LoginBody> | undefined,
): { name: string; password: string } {
  const name = body?.[by];
  const password = body?.password;
  if (typeof name !== 'string' || name.trim() === '') throw invalid(by, 'Missing credentials');
  if (typeof password !== 'string' || password === '') throw invalid('password', 'Missing credentials');
  if (name.length > 320) throw invalid(by, `${by} must have at most 320 characters`);
  if (password.length > 1024) throw invalid('password', 'password must have at most 1024 characters');
  return { name, password };
}

export function userAgentOf(request: FastifyRequest): string | null {
  const text = request.headers['user-agent'];
  return text === undefined ? null : text.slice(0, 300).toWellFormed().replaceAll('\0', '');
}

export function locked(until: Instant, now: Instant): Problem {
  const retryAfterSeconds = Math.max(1, Math.ceil((until - now) / 1000));
  return new Problem('ACCOUNT_LOCKED', undefined, { retryAfterSeconds, facts: { lockedUntil: iso(until) } });
}

export function signedIn(account: Account, token: string, expiresAt: string): Static<typeof LoginAnswer> {
  const { id, username, role, email } = account;
  const user = { id, email, name: nameOf(account), username, role: role === 'admin' ? 'ADMIN' : 'OPERATOR' } as const;
  return { ok: true, username, role, token, expiresAt, user };
}

export function meOf(account: Account, organization: Organization, scope: Scope): Static<typeof Me> {
  return {
    username: account.username,
    role: account.role,
    id: account.id,
    email: account.email,
    name: nameOf(account),
    firstName: account.first_name,
    lastName: account.last_name,
    allLocations: scope === 'all',
    locationIds: scope === 'all' ? [] : [...scope],
    organization: { slug: organization.slug, name: organization.name },
  };
}

function nameOf(account: Account): string | null {
  const name = [account.first_name, account.last_name].filter((part) => part !== null && part !== '').join(' ');
  return name === '' ? null : name;
}
