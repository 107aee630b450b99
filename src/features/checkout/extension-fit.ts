import type { Kysely } from 'kysely';
import type { DB } from '../../database/types.ts';
import type { Instant } from '../../rules/instant.ts';
import { fitsOnTop } from '../../rules/sessions/extendable.ts';
import { fits } from '../../rules/time/last-start.ts';
import { hoursOf } from '../../rules/time/opening-hours.ts';
import type { DeviceRow } from '../devices/devices.service.ts';
import type { LocationsService } from '../locations/locations.service.ts';
import { timetableOf } from '../locations/opening-hours-input.ts';
import { type SessionRow, sessionOf } from '../sessions/session-row.ts';
import type { SettingsService } from '../settings/settings.service.ts';

type Deps = { locations: LocationsService; settings: SettingsService };

/**
 * Whether so much more time may be had: within the longest run, and within the opening hours as they are set now, where
 * there are any. `at`: the moment at which it is, or was, offered.
 */
export function createFitting({ locations, settings }: Deps) {
  return async (
    device: DeviceRow,
    row: SessionRow,
    at: Instant,
    db?: Kysely<DB>,
  ): Promise<(byMs: number) => boolean> => {
    const session = sessionOf(row);
    const location = await locations.find(device.organization_id, device.location_id, db);
    const { timeZone } = await settings.get(device.organization_id, db);
    const hours = hoursOf(timetableOf(device, location, timeZone));
    const end = session.endsAt ?? at;
    return (byMs) => fitsOnTop(session, byMs) && fits(hours, at, end + byMs - at);
  };
}

export type Fitting = ReturnType<typeof createFitting>;
