import { createApiClients } from '../features/api-clients/api-clients.service.ts';
import { createConsent } from '../features/grants/consent.service.ts';
import { createGrants } from '../features/grants/grants.service.ts';
import { createPasswordSessions } from '../features/grants/password-sessions.service.ts';
import { createSignInCodes } from '../features/grants/sign-in-codes.service.ts';
import { createSubUsers } from '../features/sub-users/sub-users.service.ts';
import { createAccessTokens } from '../host/access-token.ts';
import type { Ground } from './ground.ts';
import type { House } from './house.ts';
import type { Notices } from './notices.ts';

type Given = { house: House; notices: Notices };

/** Programs of partners, and what proves that they may act for somebody. */
export function composePartners(ground: Ground, { house, notices: { outbox } }: Given) {
  const { clock, box } = ground;
  const { audit, accounts, logins, people } = house;
  const apiClients = createApiClients({ ...ground, audit });
  const accessTokens = createAccessTokens({ secrets: box, clock });
  const grants = createGrants({ ...ground, accessTokens, audit });
  const signInCodes = createSignInCodes({ ...ground, audit, outbox });
  const passwordSessions = createPasswordSessions({ ...ground, logins, accounts, people, grants, audit });
  const consent = createConsent({ ...ground, audit, accessTokens, apiClients, accounts, logins, grants });
  const subUsers = createSubUsers({ ...ground, people, grants, audit });
  return { apiClients, grants, signInCodes, passwordSessions, consent, subUsers } as const;
}

export type Partners = ReturnType<typeof composePartners>;
