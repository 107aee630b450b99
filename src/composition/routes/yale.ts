import { capabilityRoutes } from '../../apis/yale/capabilities.routes.ts';
import { houseRoutes } from '../../apis/yale/houses.routes.ts';
import { lockUserRoutes } from '../../apis/yale/lock-users.routes.ts';
import { lockRoutes } from '../../apis/yale/locks.routes.ts';
import { remoteOperateRoutes } from '../../apis/yale/remote-operate.routes.ts';
import { sessionRoutes } from '../../apis/yale/session.routes.ts';
import { userRoutes } from '../../apis/yale/users.routes.ts';
import type { Codes } from '../codes.ts';
import type { LockPeople } from '../lock-people.ts';
import type { Partners } from '../partners.ts';
import type { Web } from '../web.ts';

type Given = { partners: Partners; lockPeople: LockPeople; codes: Codes };

/** The published Yale/August API: under /yale, and at the root of the hosts that are named for it. */
export function mountYale({ server, common, yaleHosts }: Web, { partners, lockPeople, codes }: Given): void {
  const api = { app: server, hosts: yaleHosts };
  const { houses, lockUsers, remoteOperate } = lockPeople;
  sessionRoutes(api, { ...common, ...partners });
  userRoutes(api);
  lockRoutes(api, { houses, zoneOf: codes.zoneOf });
  houseRoutes(api, { houses });
  capabilityRoutes(api, { houses });
  remoteOperateRoutes(api, { ...common, remoteOperate });
  lockUserRoutes(api, { lockUsers });
}
