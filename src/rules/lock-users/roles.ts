/** Who may do what with a lock: its own users, and the staff of its place. Pure. */
import { inScope, type Role, type Scope } from '../accounts/actor.ts';
import type { LocationId } from '../ids.ts';

/** superuser: owner. manager: may add users. user: guest. */
export const lockRoles = ['user', 'manager', 'superuser'] as const;
export type LockRole = (typeof lockRoles)[number];

const rank = (role: LockRole): number => lockRoles.indexOf(role);

export const atLeast = (role: LockRole, need: LockRole): boolean => rank(role) >= rank(need);

/** The higher of two; null is none. */
export const higher = (a: LockRole | null, b: LockRole | null): LockRole | null =>
  a === null || (b !== null && atLeast(b, a)) ? b : a;

/** What staff is on a lock of their place without being named: administrators own it, operators manage it. */
export function staffRole(staff: { role: Role; scope: Scope } | null, locationId: LocationId | null): LockRole | null {
  if (staff === null || !inScope(staff.scope, locationId)) return null;
  return staff.role === 'admin' ? 'superuser' : 'manager';
}

/** Managers bring in others; nobody gives more than they have. */
export const mayAdd = (by: LockRole, type: LockRole): boolean => atLeast(by, 'manager') && atLeast(by, type);

/** Whoever is on the lock already: owners alone make them something else. */
export const mayChange = (by: LockRole): boolean => by === 'superuser';

/** Everybody may go; managers take away guests, owners everybody. */
export const mayRemove = (by: LockRole, who: { role: LockRole; self: boolean }): boolean =>
  who.self || by === 'superuser' || (by === 'manager' && who.role === 'user');

/** Whether a lock is left without an owner when this one goes, or is less from now on. */
export const leavesNoOwner = (before: LockRole, after: LockRole | null, otherOwners: boolean): boolean =>
  before === 'superuser' && after !== 'superuser' && !otherOwners;
