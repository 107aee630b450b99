import type { Kysely } from 'kysely';
import type { Database } from '../../database/open.ts';
import type { DB } from '../../database/types.ts';
import type { LockHardwarePort } from '../../engine/port.ts';
import type { Clock } from '../../host/clock.ts';
import { notFound, Problem } from '../../rules/errors.ts';
import type { LockId, OrganizationId } from '../../rules/ids.ts';
import { ageOf, type Instant, seconds } from '../../rules/instant.ts';
import { chargeable } from '../../rules/money/minimum.ts';
import { cannotSell, type NotSold } from '../../rules/passes/ways.ts';
import { hoursOf, type OpeningHours } from '../../rules/time/opening-hours.ts';
import type { PlacesService } from '../access/places.service.ts';
import type { DoorRow, DoorsService } from '../doors/doors.service.ts';
import type { LocationsService } from '../locations/locations.service.ts';
import { timetableOf } from '../locations/opening-hours-input.ts';
import { type LockRow, type LocksService, thingOf } from '../locks/locks.service.ts';
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
  database: Database;
  clock: Clock;
  doors: DoorsService;
  places: PlacesService;
  locks: LocksService;
  lockHardware: LockHardwarePort;
  locations: LocationsService;
  settings: SettingsService;
  paymentsReady: (organizationId: OrganizationId) => Promise<boolean>;
};

/** What was asked of the vendor within this will do. */
const freshFor = seconds(20);

/** Looks, and changes nothing but what is known of the lock. */
export function createDoorOffers(deps: Deps) {
  const { database, clock, doors, places, locks, lockHardware, locations, settings, paymentsReady } = deps;
  const asked = new Map<LockId, { at: Instant; there: boolean }>();

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
      lock:
        lock === null
          ? null
          : lockForSale(lock, asked.get(lock.id)?.there === false ? 'held' : healthOf(lockHardware, lock)),
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

  /**
   * Nobody pays for a door of which nothing was heard for long: its vendor is asked whether its gateway is there. That costs
   * the lock nothing. A vendor that cannot be asked makes no way in either.
   */
  async function freshen(lock: LockRow): Promise<void> {
    const known = asked.get(lock.id);
    const age = known === undefined ? null : ageOf(known.at, clock.now());
    if (age !== null && age < freshFor) return;
    if (asked.size > 10_000) asked.clear();
    try {
      const { organizationId, connectionId, hardwareId } = thingOf(lock);
      const listed = await lockHardware.list(organizationId, connectionId);
      const hardware = listed.find(({ ref }) => ref.hardwareId === hardwareId);
      if (hardware !== undefined) {
        await database.transaction('lock-listed-for-guest', (tx) => locks.describe(tx, lock, hardware));
      }
      asked.set(lock.id, { at: clock.now(), there: hardware !== undefined });
    } catch (error) {
      if (!(error instanceof Problem)) throw error;
      asked.set(lock.id, { at: clock.now(), there: false });
    }
  }

  return { find, offer };
}

export type DoorOffersService = ReturnType<typeof createDoorOffers>;
