import { createAccounts } from '../features/accounts/accounts.service.ts';
import { createLogins } from '../features/accounts/logins.service.ts';
import { createAddresses } from '../features/addresses/addresses.service.ts';
import { createAudit } from '../features/audit/audit.service.ts';
import { createLimits } from '../features/limits/limits.service.ts';
import { createLocations } from '../features/locations/locations.service.ts';
import { createOrganizations } from '../features/organizations/organizations.service.ts';
import { createPeople } from '../features/people/people.service.ts';
import { createSettings } from '../features/settings/settings.service.ts';
import { createLoginTokens } from '../host/login-token.ts';
import { createPasswords } from '../host/password.ts';
import type { Ground } from './ground.ts';

/** What locks know of a location; they are composed later. */
type Given = Pick<Parameters<typeof createLocations>[0], 'inEmergency'>;

/** Whose place it is and who comes in: organizations, accounts, people, locations, settings, and the book of all changes. */
export function composeHouse(ground: Ground, { inEmergency }: Given) {
  const { clock, random, box } = ground;
  const audit = createAudit({ clock, random });
  const organizations = createOrganizations(ground);
  const people = createPeople({ ...ground, audit });
  const passwords = createPasswords();
  const accounts = createAccounts({ ...ground, passwords, audit, organizations, people });
  const tokens = createLoginTokens({ secrets: box, clock });
  const logins = createLogins({ ...ground, passwords, tokens, audit });
  const settings = createSettings({ ...ground, audit });
  const locations = createLocations({ ...ground, audit, settings, inEmergency });
  const addresses = createAddresses(ground);
  const limits = createLimits(ground);
  return { audit, organizations, accounts, logins, settings, locations, addresses, limits, people } as const;
}

export type House = ReturnType<typeof composeHouse>;
