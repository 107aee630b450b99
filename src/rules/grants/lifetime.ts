import type { GrantKind } from '../accounts/caller.ts';
import { hours, type Instant } from '../instant.ts';

/** How long a token of such a grant is good. Apps that sign in by password have nothing to renew it by but itself. */
const lifetimes: Record<GrantKind, number> = {
  session: hours(24 * 60),
  code: hours(1),
  'sub-user': hours(24 * 30),
};

export const tokenLifetime = (kind: GrantKind): number => lifetimes[kind];

/** Less than half of its life is left: a new one is due. */
export const renewalDue = (token: { issuedAt: Instant; expiresAt: Instant }, now: Instant): boolean =>
  now - token.issuedAt > token.expiresAt - now;
