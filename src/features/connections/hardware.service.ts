import type { Database } from '../../database/open.ts';
import type { HardwarePort, Trouble } from '../../engine/port.ts';
import type { Actor } from '../../rules/accounts/actor.ts';
import { Problem } from '../../rules/errors.ts';
import type { ConnectionId } from '../../rules/ids.ts';
import type { Audit } from '../audit/audit.service.ts';
import type { DevicesService } from '../devices/devices.service.ts';
import type { ConnectionsService, ConnectionView } from './connections.service.ts';
import { counted, type Fault, whoIsAway, whyNothing } from './diagnosis.ts';

type Deps = {
  database: Database;
  audit: Audit;
  connections: ConnectionsService;
  devices: DevicesService;
  hardware: HardwarePort;
};

export type ConnectionTest = {
  ok: boolean;
  online: number;
  offline: number;
  error: string | null;
  fault: Fault | null;
};

/** What hangs on a connection now: asked of the hardware, compared with what was added. */
export function createConnectionHardware({ database, audit, connections, devices, hardware }: Deps) {
  async function list(actor: Actor, id: string) {
    const connection = await connections.get(actor, id);
    const found = await hardware.list(actor.organizationId, connection.id);
    return Promise.all(
      found.map(async (thing) => ({
        shellyDeviceId: thing.ref.hardwareId,
        channel: thing.ref.channel,
        name: thing.name,
        model: thing.model,
        firmware: thing.firmware,
        channelCount: thing.channelCount,
        online: thing.online,
        deviceId: await devices.added(actor.organizationId, thing.ref.hardwareId, thing.ref.channel),
      })),
    );
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
    const addresses = connection.vendor === 'shelly-lan' ? connection.devices.length : null;
    try {
      const found = await hardware.list(actor.organizationId, connection.id);
      const { online, offline: seenOffline } = counted(found);
      const offline = addresses === null ? seenOffline : Math.max(0, addresses - online);
      const away = whoIsAway(vendor, found, offline, addresses ?? online + offline);
      return { ok: away === null, online, offline, error: away?.error ?? null, fault: away?.fault ?? null };
    } catch (error) {
      if (!(error instanceof Problem) || error.status < 500) throw error;
      const why = whyNothing(vendor, error.facts.reason, error.message);
      return { ok: false, online: 0, offline: addresses ?? 0, ...why };
    }
  }

  /** What is held back on it now, because it keeps failing. */
  const troubles = (id: ConnectionId): Trouble[] => hardware.troubles(id);

  return { list, test, troubles };
}

export type ConnectionHardwareService = ReturnType<typeof createConnectionHardware>;
