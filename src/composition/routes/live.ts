import { sessionEventRoutes } from '../../apis/live/session-events.routes.ts';
import { staffEventRoutes } from '../../apis/live/staff-events.routes.ts';
import type { Guests } from '../guests.ts';
import type { House } from '../house.ts';
import type { Notices } from '../notices.ts';
import type { Web } from '../web.ts';

type Given = { house: House; notices: Notices; guests: Guests };

/** Server-sent events. */
export function mountLive({ server, common }: Web, { house, notices: { notices }, guests: { facts } }: Given): void {
  sessionEventRoutes(server, { ...common, facts });
  staffEventRoutes(server, { ...common, notices, authenticate: house.logins.authenticate });
}
