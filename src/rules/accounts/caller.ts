import type { AccountId, ApiClientId, GrantId, OrganizationId, PersonId } from '../ids.ts';
import type { Actor, Role, Scope } from './actor.ts';

/** What a program may do besides acting for people who let it. */
export const clientScopes = ['users:sub-user:create', 'partners:excluded_lock_mgmt', 'webhooks'] as const;
export type ClientScope = (typeof clientScopes)[number];

/** A partner's program, known by its API key. It names the organization. */
export type Program = {
  organizationId: OrganizationId;
  id: ApiClientId;
  name: string;
  scopes: readonly ClientScope[];
  redirectUris: readonly string[];
};

/** How a program came to act for somebody: by a password, by their consent on our page, or as a sub-user that it made. */
export type GrantKind = 'session' | 'code' | 'sub-user';

/** Who calls the Yale/August API: a person, through a program. */
export type Caller = {
  organizationId: OrganizationId;
  program: Program;
  grantId: GrantId;
  grantKind: GrantKind;
  installId: string | null;
  person: { id: PersonId; uuid: string; name: string; firstName: string; lastName: string };
  /** null: somebody without a sign-in of their own, such as a sub-user. */
  account: { id: AccountId; username: string; email: string | null; role: Role; scope: Scope } | null;
  ip: string | null;
};

/** The caller as staff, for use cases of staff; null: they are none. */
export function actorOf({ organizationId, account, ip }: Caller): Actor | null {
  if (account === null) return null;
  const { id: accountId, username, email, role, scope } = account;
  return { organizationId, accountId, loginId: null, username, email, role, scope, ip };
}
