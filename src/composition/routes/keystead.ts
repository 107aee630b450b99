import { accessEventRoutes } from '../../apis/keystead/access-events.routes.ts';
import { apiClientRoutes } from '../../apis/keystead/api-clients.routes.ts';
import { connectionRoutes } from '../../apis/keystead/connections.routes.ts';
import { emergencyRoutes } from '../../apis/keystead/emergency.routes.ts';
import { guestsRoutes } from '../../apis/keystead/guests.routes.ts';
import { lockRoutes } from '../../apis/keystead/locks.routes.ts';
import { noticeRoutes } from '../../apis/keystead/notices.routes.ts';
import { openingRoutes } from '../../apis/keystead/opening.routes.ts';
import { peopleRoutes } from '../../apis/keystead/people.routes.ts';
import { pinRoutes } from '../../apis/keystead/pins.routes.ts';
import { timelineRoutes } from '../../apis/keystead/timeline.routes.ts';
import { unmanagedRoutes } from '../../apis/keystead/unmanaged.routes.ts';
import type { Codes } from '../codes.ts';
import type { Guests } from '../guests.ts';
import type { House } from '../house.ts';
import type { Locks } from '../locks.ts';
import type { Machines } from '../machines.ts';
import type { Notices } from '../notices.ts';
import type { Partners } from '../partners.ts';
import type { Vendors } from '../vendors.ts';
import type { Web } from '../web.ts';

type Given = {
  house: House;
  notices: Notices;
  partners: Partners;
  vendors: Vendors;
  machines: Machines;
  locks: Locks;
  codes: Codes;
  guests: Guests;
};

/** Our own additions to the published APIs. */
export function mountKeystead({ server, common }: Web, given: Given): void {
  const { people } = given.house;
  const { notices } = given.notices;
  const { connections, lockCallback, signInToConnection } = given.vendors;
  const { devices, connectionHardware, timeline } = given.machines;
  const { accessEvents, locks, lockCommands, lockLooks, lockAdding, opening, emergency } = given.locks;
  const { pins, unmanaged, zoneOf } = given.codes;
  const { wishes, guestMessages } = given.guests;
  apiClientRoutes(server, { ...common, apiClients: given.partners.apiClients });
  connectionRoutes(server, { ...common, lockCallback, connections, connectionHardware, signInToConnection });
  lockRoutes(server, { ...common, locks, lockLooks, lockAdding });
  openingRoutes(server, { ...common, opening, locks, lockCommands });
  emergencyRoutes(server, { emergency });
  pinRoutes(server, { ...common, pins, locks, zoneOf });
  unmanagedRoutes(server, { ...common, unmanaged, locks, zoneOf });
  peopleRoutes(server, { ...common, people });
  accessEventRoutes(server, { ...common, accessEvents });
  noticeRoutes(server, { ...common, notices });
  timelineRoutes(server, { ...common, devices, timeline });
  guestsRoutes(server, { ...common, wishes, guestMessages });
}
