import type { Kysely } from 'kysely';
import type { Database } from '../../database/open.ts';
import { standInLine } from '../../database/stand-in-line.ts';
import type { DB } from '../../database/types.ts';
import type { Hardware, HardwareRef } from '../../drivers/port.ts';
import type { HardwarePort, RelayRef } from '../../engine/port.ts';
import type { Clock } from '../../host/clock.ts';
import type { Random } from '../../host/random.ts';
import type { Actor } from '../../rules/accounts/actor.ts';
import { relayLine, sameRelay } from '../../rules/devices/same-relay.ts';
import { invalid, notFound, Problem } from '../../rules/errors.ts';
import type { ConnectionId, DeviceId, OrganizationId } from '../../rules/ids.ts';
import { optional, required } from '../../rules/text.ts';
import type { AddressesService, Target } from '../addresses/addresses.service.ts';
import type { Audit } from '../audit/audit.service.ts';
import type { ConnectionsService } from '../connections/connections.service.ts';
import { type LocationsService, movedTo } from '../locations/locations.service.ts';
import { checkedHours, type OpeningHoursInput } from '../locations/opening-hours-input.ts';
import type { RelaysService } from '../relays/relays.service.ts';
import {
  type DeviceRow,
  devicesAfter,
  devicesOnConnection,
  findAnyDevice,
  findAnyDevices,
  findDevice,
  insertDevice,
  listDevices,
  lockDevice,
  markDeleted,
  relayOwners,
  takenBy,
  updateDevice,
} from './devices.store.ts';
import { createHardwareSearch } from './hardware-search.ts';

export type DeviceInput = {
  shellyDeviceId?: string;
  channel?: number;
  connectionId?: string;
  locationId?: string | null;
  name?: string;
  description?: string | null;
  status?: 'ACTIVE' | 'MAINTENANCE';
  /** null: those of its location. */
  openingHours?: OpeningHoursInput | null;
};

/** Whether a run is under way on a device; sessions know. */
export type DeviceUse = (db: Kysely<DB>, organizationId: OrganizationId, id: DeviceId) => Promise<boolean>;

type Deps = {
  database: Database;
  clock: Clock;
  random: Random;
  audit: Audit;
  locations: LocationsService;
  connections: ConnectionsService;
  hardware: HardwarePort;
  relays: Pick<RelaysService, 'describe' | 'forget'>;
  addresses: AddressesService;
  inUse: DeviceUse;
};

/** Appliances fed through a relay channel. */
export function createDevices(deps: Deps) {
  const { database, clock, random, audit, locations, connections, relays, addresses, inUse } = deps;
  const findHardware = createHardwareSearch(deps);

  const list = (actor: Actor, filter: { locationId?: string; limit: number; after: string | null }) =>
    listDevices(database.read, actor.organizationId, actor.scope, filter);

  async function get(actor: Actor, id: string, db: Kysely<DB> = database.read): Promise<DeviceRow> {
    const row = await findDevice(db, actor.organizationId, id, actor.scope);
    if (row === null) throw notFound('Device not found');
    return row;
  }

  async function create(actor: Actor, input: DeviceInput): Promise<DeviceRow> {
    const hardwareId = required('shellyDeviceId', input.shellyDeviceId, 120);
    if (typeof input.locationId !== 'string') throw invalid('locationId', 'locationId is required');
    const channel = input.channel ?? 0;
    const found = await findHardware(actor, { hardwareId, channel, connectionId: input.connectionId });
    const now = clock.now();
    return database.transaction('device-create', async (tx) => {
      const row: DeviceRow = {
        organization_id: actor.organizationId,
        id: random.id('device'),
        uid: random.uid(),
        connection_id: (await connections.reference(actor, found.connectionId, tx)) ?? found.connectionId,
        hardware_id: hardwareId,
        channel,
        location_id: await locations.reference(actor, input.locationId ?? '', tx),
        name: required('name', input.name ?? found.hardware?.name ?? hardwareId, 120),
        description: optional('description', input.description, 500),
        status: input.status ?? 'ACTIVE',
        device_type: found.hardware?.model ?? null,
        channel_count: found.hardware?.channelCount ?? null,
        opening_hours: hoursIn(input) ?? null,
        created_at: now,
        updated_at: now,
        deleted_at: null,
      };
      await refuseTaken(tx, actor, hardwareId, channel, null);
      await insertDevice(tx, row);
      await relays.describe(tx, row.organization_id, row.id, found.hardware);
      await addresses.open(tx, row.uid, thing(row));
      await audit.append(tx, entry(actor, 'device added', row, { after: told(row, input) }));
      return row;
    });
  }

  async function change(actor: Actor, id: string, input: DeviceInput): Promise<DeviceRow> {
    if (input.openingHours !== undefined && actor.role !== 'admin') throw new Problem('FORBIDDEN'); // as its location's
    const named = input.shellyDeviceId !== undefined || input.channel !== undefined || input.connectionId !== undefined;
    const moved = named ? await newHardware(actor, await get(actor, id), input) : null;
    const now = clock.now();
    return database.transaction('device-change', async (tx) => {
      const visible = await get(actor, id, tx);
      const connectionId = moved && (await connections.reference(actor, moved.to.connectionId, tx));
      const locationId = await locations.wanted(actor, input.locationId, tx);
      const before = await lockDevice(tx, actor.organizationId, visible.id);
      if (before === null) throw notFound('Device not found');
      const elsewhere = movedTo(actor, before, locationId);
      if (named && (await inUse(tx, actor.organizationId, before.id))) throw new Problem('DEVICE_IN_USE');
      if (moved !== null) {
        if (!sameHardware(before, moved.from)) throw new Problem('CONFLICT', 'Its hardware was changed just now');
        await refuseTaken(tx, actor, moved.to.hardwareId, moved.to.channel, before.id);
      }
      const changes = {
        ...(moved === null
          ? {}
          : {
              hardware_id: moved.to.hardwareId,
              channel: moved.to.channel,
              connection_id: connectionId ?? moved.to.connectionId,
              device_type: moved.hardware?.model ?? null,
              channel_count: moved.hardware?.channelCount ?? null,
            }),
        name: input.name === undefined ? before.name : required('name', input.name, 120),
        description:
          input.description === undefined ? before.description : optional('description', input.description, 500),
        status: input.status ?? before.status,
        ...elsewhere,
        opening_hours: input.openingHours === undefined ? before.opening_hours : (hoursIn(input) ?? null),
      };
      await updateDevice(tx, actor.organizationId, before.id, changes, now);
      if (moved !== null) {
        await relays.forget(tx, actor.organizationId, before.id);
        await relays.describe(tx, actor.organizationId, before.id, moved.hardware);
      }
      const after: DeviceRow = { ...before, ...changes, updated_at: now };
      await audit.append(
        tx,
        entry(actor, 'device changed', after, { before: told(before, input), after: told(after, input) }),
      );
      return after;
    });
  }

  /** The other relay that it is to be from now on, asked as when it is added; null: the one that it is. */
  async function newHardware(actor: Actor, from: DeviceRow, input: DeviceInput): Promise<Moved | null> {
    if (actor.role !== 'admin') throw new Problem('FORBIDDEN'); // which relay it is: as adding one
    if (await inUse(database.read, actor.organizationId, from.id)) throw new Problem('DEVICE_IN_USE');
    const hardwareId =
      input.shellyDeviceId === undefined ? from.hardware_id : required('shellyDeviceId', input.shellyDeviceId, 120);
    const channel = input.channel ?? from.channel;
    const wish = { hardwareId, channel, connectionId: input.connectionId ?? from.connection_id };
    if (sameHardware(from, { hardware_id: hardwareId, channel, connection_id: wish.connectionId })) return null;
    const { connectionId, hardware: seen } = await findHardware(actor, wish);
    return { from, to: { hardwareId, channel, connectionId }, hardware: seen };
  }

  async function remove(actor: Actor, id: string): Promise<void> {
    await database.transaction('device-delete', async (tx) => {
      const visible = await get(actor, id, tx);
      const row = await lockDevice(tx, actor.organizationId, visible.id);
      if (row === null) throw notFound('Device not found');
      if (await inUse(tx, actor.organizationId, row.id)) throw new Problem('DEVICE_IN_USE');
      await markDeleted(tx, actor.organizationId, row.id, clock.now());
      await relays.forget(tx, actor.organizationId, row.id);
      await addresses.close(tx, row.uid, thing(row));
      await audit.append(tx, entry(actor, 'device deleted', row, { before: told(row) }));
    });
  }

  /** Another public address: the picture that hangs there dies at once. Who is paying, or has paid, is not touched. */
  async function renewAddress(actor: Actor, id: string): Promise<DeviceRow> {
    const now = clock.now();
    return database.transaction('device-address', async (tx) => {
      const visible = await get(actor, id, tx);
      const before = await lockDevice(tx, actor.organizationId, visible.id);
      if (before === null) throw notFound('Device not found');
      const uid = await addresses.renew(tx, before.uid, thing(before));
      const after: DeviceRow = { ...before, uid, updated_at: now };
      await updateDevice(tx, actor.organizationId, before.id, { uid }, now);
      const details = { before: { uid: before.uid }, after: { uid } };
      await audit.append(tx, entry(actor, 'QR code of a device made anew', after, details));
      return after;
    });
  }

  /** The device behind a public address; null for anything else. */
  async function byUid(uid: string): Promise<DeviceRow | null> {
    const found = await addresses.byUid('device', uid);
    return found === null ? null : findDevice(database.read, found.organizationId, found.id);
  }

  const lock = (tx: Kysely<DB>, organizationId: OrganizationId, id: DeviceId) => lockDevice(tx, organizationId, id);
  const any = (organizationId: OrganizationId, id: DeviceId, db: Kysely<DB> = database.read) =>
    findAnyDevice(db, organizationId, id);
  const anyOf = (organizationId: OrganizationId, ids: readonly DeviceId[]) =>
    findAnyDevices(database.read, organizationId, ids);
  const after = (last: DeviceRow | null, limit: number): Promise<DeviceRow[]> =>
    devicesAfter(database.read, last === null ? null : { organizationId: last.organization_id, id: last.id }, limit);

  /** The device that a relay channel was added as, by the name that it was added by. */
  const added = (organizationId: OrganizationId, hardwareId: string, channel: number): Promise<DeviceId | null> =>
    takenBy(database.read, organizationId, hardwareId, channel);

  /** Tells which device a relay was added as, by this name or by another one that it has elsewhere. */
  async function addedAs(organizationId: OrganizationId): Promise<(ref: HardwareRef) => DeviceId | null> {
    const owners = await relayOwners(database.read, organizationId, null);
    return ({ hardwareId, channel }) => {
      const own = owners.filter((one) => one.channel === channel && sameRelay(one.hardware_id, hardwareId));
      return (own.find(({ hardware_id }) => hardware_id === hardwareId) ?? own[0])?.id ?? null;
    };
  }

  const onConnection = (organizationId: OrganizationId, id: ConnectionId): Promise<DeviceRow[]> =>
    devicesOnConnection(database.read, organizationId, id);

  return {
    list,
    get,
    create,
    change,
    remove,
    renewAddress,
    byUid,
    lock,
    any,
    anyOf,
    after,
    added,
    addedAs,
    onConnection,
  };

  /** Two devices on one relay would be two guests who pay for one machine. */
  async function refuseTaken(db: Kysely<DB>, actor: Actor, hardwareId: string, channel: number, own: DeviceId | null) {
    await standInLine(db, 'relay', actor.organizationId, relayLine(hardwareId), channel);
    const owners = await relayOwners(db, actor.organizationId, channel);
    const owner = owners.find(({ id, hardware_id }) => id !== own && sameRelay(hardware_id, hardwareId));
    if (owner === undefined) return;
    const byName = owner.hardware_id === hardwareId ? '' : `, as ${owner.hardware_id}`;
    throw new Problem('CONFLICT', `Channel ${channel} of ${hardwareId} is the device "${owner.name}" already${byName}`);
  }
}

export type DevicesService = ReturnType<typeof createDevices>;
export type { DeviceRow } from './devices.store.ts';

/** Whether guests may buy anything on it: running sessions go on in maintenance, nothing new begins. */
export const deviceOpen = (row: DeviceRow): boolean => row.status === 'ACTIVE' && row.deleted_at === null;

export const relayRef = (row: DeviceRow): RelayRef => ({
  organizationId: row.organization_id,
  connectionId: row.connection_id,
  hardwareId: row.hardware_id,
  channel: row.channel,
});

export const deviceTarget = (id: DeviceId): Target => `device:${id}`;
const thing = (row: DeviceRow) => ({ organizationId: row.organization_id, target: deviceTarget(row.id) });

type Moved = {
  from: DeviceRow;
  to: { hardwareId: string; channel: number; connectionId: ConnectionId };
  hardware: Hardware | null;
};

type WhichRelay = { hardware_id: string; channel: number; connection_id: string };
/** The very same channel, reached the same way. */
export const sameHardware = (one: WhichRelay, other: WhichRelay): boolean =>
  one.hardware_id === other.hardware_id && one.channel === other.channel && one.connection_id === other.connection_id;

const hoursIn = ({ openingHours }: DeviceInput) =>
  openingHours ? checkedHours('openingHours', openingHours) : openingHours;

/** Hours are long: they are told where they were touched. */
const told = (row: DeviceRow, input: DeviceInput = {}) => ({
  ...(input.openingHours === undefined ? {} : { openingHours: row.opening_hours }),
  name: row.name,
  status: row.status,
  locationId: row.location_id,
  hardwareId: row.hardware_id,
  channel: row.channel,
});

const entry = (actor: Actor, action: string, row: DeviceRow, details: Record<string, unknown>) => ({
  organizationId: actor.organizationId,
  category: 'devices' as const,
  action,
  actor,
  entity: 'Device',
  entityId: row.id,
  details,
});
