import type { Kysely } from 'kysely';
import type { Database, Tx } from '../../database/open.ts';
import { standInLine } from '../../database/stand-in-line.ts';
import type { DB } from '../../database/types.ts';
import type { Clock } from '../../host/clock.ts';
import type { Random } from '../../host/random.ts';
import type { Actor } from '../../rules/accounts/actor.ts';
import { invalid, notFound, Problem } from '../../rules/errors.ts';
import type { LocationId, OrganizationId } from '../../rules/ids.ts';
import { optional, required } from '../../rules/text.ts';
import type { LastStart } from '../../rules/time/opening-hours.ts';
import type { Audit } from '../audit/audit.service.ts';
import type { SettingsService } from '../settings/settings.service.ts';
import { zone } from '../settings/settings.ts';
import {
  findLocation,
  findLocationByUuid,
  insertLocation,
  keepLocation,
  type LocationRow,
  listLocations,
  removeLocation,
  updateLocation,
} from './locations.store.ts';
import { checkedHolidays, checkedHours, type HolidayInput, type OpeningHoursInput } from './opening-hours-input.ts';

export type LocationInput = {
  name?: string;
  address?: string | null;
  timeZone?: string;
  /** null: always open. */
  openingHours?: OpeningHoursInput | null;
  /** null: none. */
  holidays?: HolidayInput[] | null;
  lastStart?: LastStart;
};

type Deps = {
  database: Database;
  clock: Clock;
  random: Random;
  audit: Audit;
  settings: SettingsService;
  /** Its doors are locked down, or held open: that has to be ended while they are there. */
  inEmergency: (tx: Tx, organizationId: OrganizationId, id: LocationId) => Promise<boolean>;
};

/** Buildings and sites. Deleting one leaves its doors and devices in place, at no location. */
export function createLocations({ database, clock, random, audit, settings, inEmergency }: Deps) {
  const list = (actor: Actor, page: { limit: number; after: string | null }): Promise<LocationRow[]> =>
    listLocations(database.read, actor.organizationId, actor.scope, page);

  async function get(actor: Actor, id: string, db: Kysely<DB> = database.read): Promise<LocationRow> {
    const row = await findLocation(db, actor.organizationId, id, actor.scope);
    if (row === null) throw notFound('Location not found');
    return row;
  }

  async function create(actor: Actor, input: LocationInput): Promise<LocationRow> {
    const now = clock.now();
    return database.transaction('location-create', async (tx) => {
      const own = await settings.get(actor.organizationId, tx);
      const row: LocationRow = {
        organization_id: actor.organizationId,
        id: random.id('location'),
        uuid: random.uuid(),
        name: required('name', input.name, 120),
        address: optional('address', input.address, 300),
        time_zone: input.timeZone === undefined ? own.timeZone : zone('timeZone', input.timeZone),
        opening_hours: null,
        holidays: [],
        last_start: 'ends-before-closing',
        ...times(input),
        created_at: now,
        updated_at: now,
      };
      await insertLocation(tx, row, now);
      const details = { name: row.name, timeZone: row.time_zone, ...timesTold(row, input) };
      await audit.append(tx, entry(actor, 'location created', row.id, details));
      return row;
    });
  }

  async function change(actor: Actor, id: string, input: LocationInput): Promise<LocationRow> {
    const now = clock.now();
    return database.transaction('location-change', async (tx) => {
      await standInLine(tx, 'location', actor.organizationId, id);
      const before = await get(actor, id, tx);
      const changes = {
        ...(input.name === undefined ? {} : { name: required('name', input.name, 120) }),
        ...(input.address === undefined ? {} : { address: optional('address', input.address, 300) }),
        ...(input.timeZone === undefined ? {} : { time_zone: zone('timeZone', input.timeZone) }),
        ...times(input),
      };
      await updateLocation(tx, actor.organizationId, before.id, changes, now);
      const after = { ...before, ...changes, updated_at: now };
      const details = {
        from: { ...facts(before), ...timesTold(before, input) },
        to: { ...facts(after), ...timesTold(after, input) },
      };
      await audit.append(tx, entry(actor, 'location changed', before.id, details));
      return after;
    });
  }

  async function remove(actor: Actor, id: string): Promise<void> {
    await database.transaction('location-delete', async (tx) => {
      await standInLine(tx, 'location', actor.organizationId, id);
      const before = await get(actor, id, tx);
      if (await inEmergency(tx, actor.organizationId, before.id)) {
        throw new Problem('CONFLICT', 'This location is in an emergency; end that first');
      }
      await removeLocation(tx, actor.organizationId, before.id);
      await audit.append(tx, entry(actor, 'location deleted', before.id, facts(before)));
    });
  }

  /**
   * The location if it exists in the organization and the actor's scope; a 400 that names the field otherwise. It stays
   * until the transaction ends. Asked before anything at the location is locked: deleting it takes the same way.
   */
  async function reference(actor: Actor, id: string, tx: Kysely<DB>): Promise<LocationId> {
    const row = await keepLocation(tx, actor.organizationId, id, actor.scope);
    if (row === null) throw invalid('locationId', 'There is no such location');
    return row.id;
  }

  /** The same of a change; null: at no location from now on; undefined: where it is. */
  const wanted = async (
    actor: Actor,
    id: string | null | undefined,
    tx: Kysely<DB>,
  ): Promise<LocationId | null | undefined> => (typeof id === 'string' ? await reference(actor, id, tx) : id);

  const find = (
    organizationId: OrganizationId,
    id: LocationId | null,
    db: Kysely<DB> = database.read,
  ): Promise<LocationRow | null> => (id === null ? Promise.resolve(null) : findLocation(db, organizationId, id));

  const byUuid = (organizationId: OrganizationId, uuid: string): Promise<LocationRow | null> =>
    findLocationByUuid(database.read, organizationId, uuid);

  return { list, get, create, change, remove, reference, wanted, find, byUuid };
}

export type LocationsService = ReturnType<typeof createLocations>;
export type { LocationRow } from './locations.store.ts';

type Placed = { location_id: LocationId | null };

/** What changes of where a door or a device is. Attaching and detaching are for administrators (reference/hygate.md 2). */
export function movedTo(actor: Actor, before: Placed, wanted: LocationId | null | undefined): Partial<Placed> {
  if (wanted === undefined || wanted === before.location_id) return {};
  if (actor.role !== 'admin') throw new Problem('FORBIDDEN');
  return { location_id: wanted };
}

const facts = (row: LocationRow) => ({ name: row.name, address: row.address, timeZone: row.time_zone });

function times(input: LocationInput): Partial<Pick<LocationRow, 'opening_hours' | 'holidays' | 'last_start'>> {
  const { openingHours, holidays, lastStart } = input;
  return {
    ...(openingHours === undefined
      ? {}
      : { opening_hours: openingHours === null ? null : checkedHours('openingHours', openingHours) }),
    ...(holidays === undefined ? {} : { holidays: checkedHolidays('holidays', holidays ?? []) }),
    ...(lastStart === undefined ? {} : { last_start: lastStart }),
  };
}

/** Hours and holidays are long: they are told where they were touched. */
const timesTold = (row: LocationRow, input: LocationInput) => ({
  ...(input.openingHours === undefined ? {} : { openingHours: row.opening_hours }),
  ...(input.holidays === undefined ? {} : { holidays: row.holidays }),
  ...(input.lastStart === undefined ? {} : { lastStart: row.last_start }),
});

const entry = (actor: Actor, action: string, entityId: string, details: Record<string, unknown>) => ({
  organizationId: actor.organizationId,
  category: 'settings' as const,
  action,
  actor,
  entity: 'Location',
  entityId,
  details,
});
