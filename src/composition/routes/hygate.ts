import { cronRoutes } from '../../apis/hygate/cron.routes.ts';
import { deviceRoutes } from '../../apis/hygate/devices.routes.ts';
import { doorRoutes } from '../../apis/hygate/doors.routes.ts';
import { integrationTestRoutes } from '../../apis/hygate/integration-tests.routes.ts';
import { locationRoutes } from '../../apis/hygate/locations.routes.ts';
import { paymentRoutes } from '../../apis/hygate/payments.routes.ts';
import { periodRoutes } from '../../apis/hygate/periods.routes.ts';
import { publicRoutes } from '../../apis/hygate/public.routes.ts';
import { publicDoorRoutes } from '../../apis/hygate/public-door.routes.ts';
import { sessionRoutes } from '../../apis/hygate/sessions.routes.ts';
import { settingsRoutes } from '../../apis/hygate/settings.routes.ts';
import { shellyConfigRoutes } from '../../apis/hygate/shelly-config.routes.ts';
import { stripeConfigRoutes } from '../../apis/hygate/stripe-config.routes.ts';
import { ttlockConfigRoutes } from '../../apis/hygate/ttlock-config.routes.ts';
import type { Checkout } from '../checkout.ts';
import type { Doors } from '../doors.ts';
import type { Engine } from '../engine.ts';
import type { Guests } from '../guests.ts';
import type { House } from '../house.ts';
import type { Machines } from '../machines.ts';
import type { Money } from '../money.ts';
import type { Vendors } from '../vendors.ts';
import type { Web } from '../web.ts';

type Given = {
  house: House;
  vendors: Vendors;
  money: Money;
  machines: Machines;
  doors: Doors;
  checkout: Checkout;
  guests: Guests;
  engine: Engine;
};

/** The published Hygate API. */
export function mountHygate({ server, common }: Web, given: Given): void {
  const { organizations, locations, settings, addresses } = given.house;
  const { shellyConfig, ttlockConfig } = given.vendors;
  const { payments, stripeConfig, stripeTest } = given.money;
  const { devices, plans, relays, sessions, staffSessions, switching } = given.machines;
  const { doors, locksOfDoors, passages, passOpening } = given.doors;
  const { offers, checkout, extensions, doorOffers, doorCheckout, intake } = given.checkout;
  const { facts, passFacts, guestMessages } = given.guests;
  const passageNow = (door: Parameters<typeof passages.tell>[0]) => passages.tell(door, 'people');
  const slugOf = async (id: string) =>
    (await organizations.byId(id as Parameters<typeof organizations.byId>[0]))?.slug ?? '';

  locationRoutes(server, { ...common, locations });
  deviceRoutes(server, { ...common, devices, relays, sessions, switching, addresses });
  doorRoutes(server, { ...common, doors, addresses, locksOf: locksOfDoors, passageNow });
  publicDoorRoutes(server, { ...common, doorOffers, doorCheckout, passFacts, passOpening, intake });
  periodRoutes(server, { plans });
  publicRoutes(server, { ...common, offers, checkout, extensions, intake, facts, settings, organizations });
  sessionRoutes(server, { ...common, staffSessions, facts, guestMessages });
  paymentRoutes(server, { ...common, payments });
  settingsRoutes(server, { settings });
  stripeConfigRoutes(server, { ...common, stripeConfig, slugOf });
  shellyConfigRoutes(server, { shellyConfig });
  ttlockConfigRoutes(server, { ttlockConfig });
  integrationTestRoutes(server, { shellyConfig, ttlockConfig, stripeTest });
  cronRoutes(server, { cron: given.engine.rounds.cron });
}
