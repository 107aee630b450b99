import { accessRoutes, createDoorPages } from '../../pages/door.routes.ts';
import { guestRoutes } from '../../pages/guest.routes.ts';
import { guestMessageRoutes } from '../../pages/guest-message.routes.ts';
import { shortCodeRoutes } from '../../pages/short-code.routes.ts';
import { wishRoutes } from '../../pages/wish.routes.ts';
import type { DeviceId, DoorId } from '../../rules/ids.ts';
import { minutes } from '../../rules/instant.ts';
import type { Checkout } from '../checkout.ts';
import type { Doors } from '../doors.ts';
import type { Guests } from '../guests.ts';
import type { House } from '../house.ts';
import type { Machines } from '../machines.ts';
import type { Notices } from '../notices.ts';
import type { Web } from '../web.ts';

type Given = {
  house: House;
  notices: Notices;
  machines: Machines;
  doors: Doors;
  checkout: Checkout;
  guests: Guests;
};

/** What guests see in their browser. */
export function mountPages({ server, assets, common }: Web, given: Given): void {
  const { addresses, limits, settings } = given.house;
  const { outbox } = given.notices;
  const { devices, sessions } = given.machines;
  const { doors, passes, passOpening } = given.doors;
  const { offers, checkout, extensions, doorOffers, doorCheckout, intake } = given.checkout;
  const { facts, passFacts, wishes, guestMessages } = given.guests;
  const uidOf: Parameters<typeof shortCodeRoutes>[1]['uidOf'] = async (organizationId, target) => {
    const [kind, id = ''] = target.split(':');
    if (kind === 'door') return (await doors.any(organizationId, id as DoorId))?.uid ?? null;
    return (await devices.any(organizationId, id as DeviceId))?.uid ?? null;
  };
  const guesses = {
    ofOne: limits.tries('codes of one', { most: 20, withinMs: minutes(10) }),
    ofAll: limits.tries('codes of all', { most: 1000, withinMs: minutes(10) }),
  };
  const isDoor = async (uid: string) => (await doors.byUid(uid)) !== null;

  const showing = { ...common, facts, assets, wishes, guestMessages, mailOn: outbox.on };
  const entering = { ...showing, doorOffers, doorCheckout, passes, passFacts, passOpening, intake };
  const doorPages = createDoorPages(entering);
  guestRoutes(server, { ...showing, offers, checkout, extensions, intake, sessions, doorPages, isDoor });
  accessRoutes(server, entering);
  wishRoutes(server, { ...showing, offers, settings });
  guestMessageRoutes(server, showing);
  shortCodeRoutes(server, { ...common, addresses, uidOf, guesses });
}
