import { sessionRoutes } from '../../apis/yale/session.routes.ts';
import { userRoutes } from '../../apis/yale/users.routes.ts';
import type { Partners } from '../partners.ts';
import type { Web } from '../web.ts';

type Given = { partners: Partners };

/** The published Yale/August API: under /yale, and at the root of the hosts that are named for it. */
export function mountYale({ server, common, yaleHosts }: Web, { partners }: Given): void {
  const api = { app: server, hosts: yaleHosts };
  sessionRoutes(api, { ...common, ...partners });
  userRoutes(api);
}
