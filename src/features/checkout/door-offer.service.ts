import type { Kysely } from 'kysely';
import type { DB } from '../../database/types.ts';
import type { LockHardwarePort } from '../../engine/port.ts';
import type { Clock } from '../../host/clock.ts';
import { notFound } from '../../rules/errors.ts';
import type { OrganizationId } from '../../rules/ids.ts';
import { ageOf, seconds } from '../../rules/instant.ts';
import { chargeable } from '../../rules/money/minimum.ts';
import { cannotSell, type NotSold } from '../../rules/passes/ways.ts';
import { hoursOf, type OpeningHours } from '../../rules/time/opening-hours.ts';
import type { PlacesService } from '../access/places.service.ts';
import type { LockLooks } from '../commands/lock-looks.service.ts';
import type { DoorRow, DoorsService } from '../doors/doors.service.ts';
import type { LocationsService } from '../locations/locations.service.ts';
import { timetableOf } from '../locations/opening-hours-input.ts';
import type { LockRow, LocksService } from '../locks/locks.service.ts';
import { healthOf, lockForSale } from '../passes/lock-for-sale.ts';
import type { Settings, SettingsService } from '../settings/settings.service.ts';
import { type HoursNow, hoursNow } from './closing.ts';

/** What a guest finds behind the code on a door. */
export type DoorOffer = {
  door: DoorRow;
  location: { name: string; timeZone: string } | null;
  settings: Settings;
  hours: HoursNow;
  /** The door's own or its location's; null: always. */
  openingHours: OpeningHours | null;
  /** Why nothing is sold; null: it is for sale. */
  notSold: NotSold | null;
  paymentsReady: boolean;
};

type Deps = {
  clock: Clock;
  doors: DoorsService;
  places: PlacesService;
  locks: LocksService;
  lockLooks: LockLooks;
  lockHardware: LockHardwarePort;
  locations: LocationsService;
  settings: SettingsService;
  paymentsReady: (organizationId: OrganizationId) => Promise<boolean>;
};

/** What was tried of a lock within this will do: asking costs its battery, and its gateway a turn. */
const freshFor = seconds(20);

/** Looks, and changes nothing but what is known of the lock. */
export function createDoorOffers(deps: Deps) {
  const { clock, doors, places, locks, lockLooks, lockHardware, locations, settings, paymentsReady } = deps;

  async function find(uid: string): Promise<DoorOffer> {
    const door = await doors.byUid(uid);
    if (door === null) throw notFound('Access point not found');
    const sold = door.status === 'ACTIVE';
    const lock = await lockOf(door);
    if (sold && lock !== null) await freshen(lock);
    return offer(door);
  }

  /** As it stands; `db`: in the transaction of whoever sells it. */
  async function offer(door: DoorRow, db?: Kysely<DB>): Promise<DoorOffer> {
    const organizationId = door.organization_id;
    const [own, location, place, lock, ready] = [
      await settings.get(organizationId, db),
      await locations.find(organizationId, door.location_id, db),
      await places.ofDoor(organizationId, door.id, db),
      await lockOf(door, db),
      await paymentsReady(organizationId),
    ];
    const hours = hoursNow(hoursOf(timetableOf(door, location, own.timeZone)), clock.now());
    const notSold = cannotSell({
      status: door.status,
      mode: place?.mode?.kind ?? null,
      open: hours.opening.open,
      moduleOn: own.ttlockEnabled,
      lock: lock === null ? null : lockForSale(lock, healthOf(lockHardware, lock)),
    });
    return {
      door,
      location: location === null ? null : { name: location.name, timeZone: location.time_zone },
      settings: own,
      hours,
      openingHours: door.opening_hours ?? location?.opening_hours ?? null,
      // the currency may have changed since the price was set
      notSold: notSold ?? (chargeable(door.price, own.currency) ? null : 'switched-off'),
      paymentsReady: ready,
    };
  }

  async function lockOf(door: DoorRow, db?: Kysely<DB>): Promise<LockRow | null> {
    const lock = door.lock_id === null ? null : await locks.any(door.organization_id, door.lock_id, db);
    return lock === null || lock.deleted_at !== null ? null : lock;
  }

  /** Nobody pays for a door of which nothing was heard for long: whether its gateway is there is asked now. */
  async function freshen(lock: LockRow): Promise<void> {
    const age = lock.tried_at === null ? null : ageOf(lock.tried_at, clock.now());
    if (age !== null && age < freshFor) return;
    await lockLooks.look(lock, 'background');
  }

  return { find, offer };
}

export type DoorOffersService = ReturnType<typeof createDoorOffers>;
