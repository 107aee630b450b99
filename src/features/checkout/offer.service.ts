import type { Clock } from '../../host/clock.ts';
import type { SecretBox } from '../../host/secret-box.ts';
import { notFound } from '../../rules/errors.ts';
import type { OrganizationId } from '../../rules/ids.ts';
import type { Instant } from '../../rules/instant.ts';
import { type Availability, availability } from '../../rules/sessions/availability.ts';
import type { Unfit } from '../../rules/time/last-start.ts';
import { hoursOf, type OpeningHours } from '../../rules/time/opening-hours.ts';
import { type DeviceRow, type DevicesService, relayRef } from '../devices/devices.service.ts';
import type { PlanRow, PlansService } from '../devices/plans.service.ts';
import type { LocationsService } from '../locations/locations.service.ts';
import { timetableOf } from '../locations/opening-hours-input.ts';
import type { PaymentsService } from '../payments/payments.service.ts';
import { type RelaysService, relayState } from '../relays/relays.service.ts';
import { sessionOf } from '../sessions/session-row.ts';
import type { SessionsService } from '../sessions/sessions.service.ts';
import type { Settings, SettingsService } from '../settings/settings.service.ts';
import { type HoursNow, hoursNow, unfitNow } from './closing.ts';

/** What a guest finds behind the code on a machine. */
export type Offer = {
  device: DeviceRow;
  location: { name: string; timeZone: string } | null;
  settings: Settings;
  /** `unfit`: why the hours forbid to begin this one now. */
  plans: (PlanRow & { unfit: Unfit | null })[];
  hours: HoursNow;
  /** The device's own or its location's; null: always. */
  openingHours: OpeningHours | null;
  availability: Availability;
  paymentsReady: boolean;
  inUse: { freeAt: Instant | null } | null;
  held: { mine: boolean; planId: string | null; until: Instant; continueUrl: string | null } | null;
};

type Deps = {
  clock: Clock;
  box: SecretBox;
  devices: DevicesService;
  plans: PlansService;
  locations: LocationsService;
  relays: RelaysService;
  sessions: SessionsService;
  payments: PaymentsService;
  settings: SettingsService;
  paymentsReady: (organizationId: OrganizationId) => Promise<boolean>;
};

/** `known`: what was read of the relay lately will do; else it is read anew. */
export type Look = { relay: 'fresh' | 'known' };

/** Looks, and changes nothing but what is known of the relay. */
export function createOffers(deps: Deps) {
  const { clock, box, devices, plans, locations, relays, sessions, payments, settings, paymentsReady } = deps;

  async function find(uid: string, holder: string | null, look: Look = { relay: 'fresh' }): Promise<Offer> {
    const device = await devices.byUid(uid);
    if (device === null) throw notFound('Access point not found');
    const organizationId = device.organization_id;
    const live = await sessions.liveOn(organizationId, device.id);
    const [own, location, sold, relay, hold, ready] = await Promise.all([
      settings.get(organizationId),
      locations.find(organizationId, device.location_id),
      plans.forSale(device),
      live === null && device.status === 'ACTIVE' && look.relay === 'fresh'
        ? relays.fresh(relayRef(device), device.id)
        : relays.find(organizationId, device.id),
      sessions.holdOn(organizationId, device.id),
      paymentsReady(organizationId),
    ]);
    const now = clock.now();
    const mine = hold !== null && holder !== null && hold.holder_hash.equals(box.hash('hold', holder));
    const hours = hoursNow(hoursOf(timetableOf(device, location, own.timeZone)), now);
    const heldPayment = hold?.payment_id ? await payments.find(organizationId, { id: hold.payment_id }) : null;
    return {
      device,
      location: location === null ? null : { name: location.name, timeZone: location.time_zone },
      settings: own,
      plans: sold.map((plan) => ({ ...plan, unfit: unfitNow(hours, plan) })),
      hours,
      openingHours: device.opening_hours ?? location?.opening_hours ?? null,
      availability: availability(device.status, relayState(relay), now),
      paymentsReady: ready,
      inUse: live === null ? null : { freeAt: sessionOf(live).endsAt ?? expectedEnd(live.starts_at, live.duration_ms) },
      held:
        hold === null || hold.expires_at <= now
          ? null
          : {
              mine,
              planId: heldPayment?.plan_id ?? null,
              until: hold.expires_at,
              continueUrl: mine ? (heldPayment?.provider_checkout_url ?? null) : null,
            },
    };
  }

  return { find };
}

export type OffersService = ReturnType<typeof createOffers>;

const expectedEnd = (startsAt: Instant | null, durationMs: number): Instant | null =>
  startsAt === null ? null : startsAt + durationMs;
