import type { Database } from '../../database/open.ts';
import type { Hardware, HardwareRef, LockVendor } from '../../drivers/port.ts';
import type { HardwarePort, LockListsPort, Trouble } from '../../engine/port.ts';
import type { Actor } from '../../rules/accounts/actor.ts';
import { sameRelay } from '../../rules/devices/same-relay.ts';
import { dialUrl } from '../../rules/dial-url.ts';
import { Problem } from '../../rules/errors.ts';
import type { ConnectionId, OrganizationId } from '../../rules/ids.ts';
import type { Audit } from '../audit/audit.service.ts';
import type { DeviceRow, DevicesService } from '../devices/devices.service.ts';
import type { ConnectionsService, ConnectionView } from './connections.service.ts';
import { locksAdded } from './connections.store.ts';
import { type Fault, judged, whyNothing } from './diagnosis.ts';
import { hasLocks, isAway, judgedLocks, whyNoLocks } from './lock-diagnosis.ts';

type Deps = {
  database: Database;
  audit: Audit;
  connections: ConnectionsService;
  devices: DevicesService;
  hardware: HardwarePort;
  lockLists: LockListsPort;
  publicUrl: string;
};

export type ConnectionTest = {
  ok: boolean;
  online: number;
  offline: number;
  error: string | null;
  fault: Fault | null;
};

/** What hangs on a connection now: asked of the hardware, compared with what was added. */
export function createConnectionHardware(o: Deps) {
  const { database, audit, connections, devices, hardware, lockLists, publicUrl } = o;
  async function list(actor: Actor, id: string) {
    const connection = await connections.get(actor, id);
    if (hasLocks(connection.vendor)) return locksOn(actor.organizationId, connection.id);
    const found = await everything(actor.organizationId, connection.id);
    const deviceOf = await devices.addedAs(actor.organizationId);
    return found.map((thing) => ({
      shellyDeviceId: thing.ref.hardwareId,
      channel: thing.ref.channel,
      name: thing.name,
      model: thing.model,
      firmware: thing.firmware,
      channelCount: thing.channelCount,
      online: thing.online,
      deviceId: deviceOf(thing.ref),
    }));
  }

  async function locksOn(organizationId: OrganizationId, id: ConnectionId) {
    const found = await lockLists.list(organizationId, id);
    const added = await locksAdded(database.read, organizationId, id);
    return found.map(({ ref, ...lock }) => {
      const { lockId, doorId } = added.get(ref.hardwareId) ?? { lockId: null, doorId: null };
      return { ...lock, hardwareId: ref.hardwareId, online: !isAway({ ref, ...lock }), lockId, doorId };
    });
  }

  /** What the hardware lists, and behind it, as offline, devices of ours that it knows nothing of now. */
  async function everything(organizationId: OrganizationId, id: ConnectionId): Promise<Hardware[]> {
    const [found, added] = await Promise.all([
      hardware.list(organizationId, id),
      devices.onConnection(organizationId, id),
    ]);
    const lost = added.filter((row) => !found.some(({ ref }) => isRelay(ref, row)));
    return [...found, ...lost.map(lostOne)];
  }

  /** Whether it works, in figures; a vendor's trouble is the answer here, not an error. */
  async function test(actor: Actor, id: string): Promise<ConnectionTest> {
    const connection = await connections.get(actor, id);
    const result = await tried(actor, connection);
    await database.transaction('connection-tested', (tx) =>
      audit.append(tx, {
        organizationId: actor.organizationId,
        category: 'integrations',
        action: 'connection tested',
        actor,
        entity: 'Connection',
        entityId: connection.id,
        details: { name: connection.name, ok: result.ok, fault: result.fault },
      }),
    );
    return result;
  }

  async function tried(actor: Actor, connection: ConnectionView): Promise<ConnectionTest> {
    const { vendor } = connection;
    if (hasLocks(vendor)) return triedLocks(actor.organizationId, connection.id, vendor);
    const addresses = connection.vendor === 'shelly-lan' ? connection.devices.map(({ address }) => address) : [];
    try {
      const { online, offline, away } = judged({
        vendor,
        found: await everything(actor.organizationId, connection.id),
        addresses,
        ...(connection.vendor === 'shelly-websocket' ? { dialUrl: dialUrl(publicUrl, connection.secret) } : {}),
      });
      return { ok: away === null, online, offline, error: away?.error ?? null, fault: away?.fault ?? null };
    } catch (error) {
      if (!(error instanceof Problem) || error.status < 500) throw error;
      const why = whyNothing(vendor, error.facts.reason, error.message);
      return { ok: false, online: 0, offline: addresses.length, ...why };
    }
  }

  async function triedLocks(
    organizationId: OrganizationId,
    id: ConnectionId,
    vendor: LockVendor,
  ): Promise<ConnectionTest> {
    try {
      const { online, offline, away } = judgedLocks(await lockLists.list(organizationId, id));
      return { ok: away === null, online, offline, error: away?.error ?? null, fault: away?.fault ?? null };
    } catch (error) {
      if (!(error instanceof Problem) || error.status < 500) throw error;
      return { ok: false, online: 0, offline: 0, ...whyNoLocks(vendor, error.facts.reason, error.message) };
    }
  }

  /** What is held back on it now, because it keeps failing. */
  const troubles = (id: ConnectionId): Trouble[] => hardware.troubles(id);

  return { list, test, troubles };
}

export type ConnectionHardwareService = ReturnType<typeof createConnectionHardware>;

const isRelay = ({ hardwareId, channel }: HardwareRef, row: DeviceRow): boolean =>
  channel === row.channel && sameRelay(hardwareId, row.hardware_id);

const lostOne = (row: DeviceRow): Hardware => ({
  ref: { hardwareId: row.hardware_id, channel: row.channel },
  kind: 'relay',
  name: row.name,
  model: row.device_type,
  firmware: null,
  channelCount: row.channel_count,
  online: false,
});
