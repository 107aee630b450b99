import type { Kysely } from 'kysely';
import type { DB } from '../../database/types.ts';
import type { PlacesService } from '../access/places.service.ts';
import type { LocationsService } from '../locations/locations.service.ts';
import type { LockRow } from '../locks/locks.service.ts';
import type { SettingsService } from '../settings/settings.service.ts';

export type ZoneOf = (lock: LockRow, db?: Kysely<DB>) => Promise<string>;

/** The clock on the wall at a lock: that of its door's location, or else the organization's. */
export const createZoneOf =
  (deps: { places: PlacesService; locations: LocationsService; settings: SettingsService }): ZoneOf =>
  async (lock, db) => {
    const place = await deps.places.ofLock(lock.organization_id, lock.id, db);
    const location = await deps.locations.find(lock.organization_id, place?.locationId ?? null, db);
    return location?.time_zone ?? (await deps.settings.get(lock.organization_id, db)).timeZone;
  };
