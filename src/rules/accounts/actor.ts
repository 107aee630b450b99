import type { AccountId, LocationId, LoginId, OrganizationId } from '../ids.ts';

export type Role = 'admin' | 'user';

/** All locations, or those listed. */
export type Scope = 'all' | readonly LocationId[];

/** Who acts: a signed-in account. Every use case of staff takes one; it names the organization, and nothing crosses. */
export type Actor = {
  organizationId: OrganizationId;
  accountId: AccountId;
  /** null: not by a login of its own, but through a partner's program (caller.ts). */
  loginId: LoginId | null;
  username: string;
  email: string | null;
  role: Role;
  scope: Scope;
  ip: string | null;
};

/** Whether something at this location (null: at none) is in the actor's scope. */
export function inScope(scope: Scope, locationId: LocationId | null): boolean {
  return scope === 'all' || (locationId !== null && scope.includes(locationId));
}
