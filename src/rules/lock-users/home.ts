import { createHash } from 'node:crypto';
import type { OrganizationId } from '../ids.ts';

/**
 * Locks that hang at no location belong to a house all the same, because clients of this API want one: the organization's
 * own, whose id follows from its name.
 */
export function homeOf(organizationId: OrganizationId): string {
  const hex = createHash('sha256').update(`house of ${organizationId}`).digest('hex');
  const version = `4${hex.slice(13, 16)}`;
  const variant = `8${hex.slice(17, 20)}`;
  return [hex.slice(0, 8), hex.slice(8, 12), version, variant, hex.slice(20, 32)].join('-');
}
