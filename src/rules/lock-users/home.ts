import { derivedUuid } from '../derived-uuid.ts';
import type { OrganizationId } from '../ids.ts';

/**
 * Locks that hang at no location belong to a house all the same, because clients of this API want one: the organization's
 * own, whose id follows from its name.
 */
export const homeOf = (organizationId: OrganizationId): string => derivedUuid(`house of ${organizationId}`);
