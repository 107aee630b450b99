import { capabilityRoutes } from '../../apis/yale/capabilities.routes.ts';
import { houseRoutes } from '../../apis/yale/houses.routes.ts';
import { lockUserRoutes } from '../../apis/yale/lock-users.routes.ts';
import { lockRoutes } from '../../apis/yale/locks.routes.ts';
import { oauthRoutes } from '../../apis/yale/oauth.routes.ts';
import { partnerRoutes } from '../../apis/yale/partners.routes.ts';
import { sessionRoutes } from '../../apis/yale/session.routes.ts';
import { userRoutes } from '../../apis/yale/users.routes.ts';
import { consentRoutes } from '../../pages/consent.routes.ts';
import type { Codes } from '../codes.ts';
import type { House } from '../house.ts';
import type { LockPeople } from '../lock-people.ts';
import type { Partners } from '../partners.ts';
import type { Web } from '../web.ts';

type Given = { house: House; partners: Partners; lockPeople: LockPeople; codes: Codes };

/** The published Yale/August API: under /yale, and at the root of the hosts that are named for it. */
export function mountYale(
  { server, assets, common, yaleHosts }: Web,
  { house, partners, lockPeople, codes }: Given,
): void {
  const api = { app: server, hosts: yaleHosts };
  const { settings } = house;
  const { houses, lockUsers } = lockPeople;
  oauthRoutes(api, partners);
  consentRoutes(server, { ...common, assets, settings, consent: partners.consent, hosts: yaleHosts });
  sessionRoutes(api, { ...common, ...partners });
  userRoutes(api);
  lockRoutes(api, { houses, zoneOf: codes.zoneOf });
  houseRoutes(api, { houses });
  capabilityRoutes(api, { houses });
  lockUserRoutes(api, { lockUsers });
  partnerRoutes(api, { subUsers: partners.subUsers, excludedLocks: lockPeople.excludedLocks });
}
