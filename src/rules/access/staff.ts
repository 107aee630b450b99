import type { AccountId } from '../ids.ts';
import type { Credential } from './decide.ts';

/** Staff's own right: what they may see they may open. */
export const staffCredential = (accountId: AccountId): Credential => ({
  kind: 'staff',
  accountId,
  personId: null,
  state: 'active',
  fits: true,
  validFrom: null,
  validUntil: null,
  usesLeft: null,
});
