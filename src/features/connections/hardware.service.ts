import type { HardwarePort } from '../../engine/port.ts';
import type { Actor } from '../../rules/accounts/actor.ts';
import { Problem } from '../../rules/errors.ts';
import type { DevicesService } from '../devices/devices.service.ts';
import type { ConnectionsService } from './connections.service.ts';

type Deps = { connections: ConnectionsService; devices: DevicesService; hardware: HardwarePort };

/** What hangs on a connection now: asked of the hardware, compared with what was added. */
export function createConnectionHardware({ connections, devices, hardware }: Deps) {
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
  async function test(actor: Actor, id: string) {
    const connection = await connections.get(actor, id);
    try {
      const found = await hardware.list(actor.organizationId, connection.id);
      const online = new Set(found.filter((thing) => thing.online).map((thing) => thing.ref.hardwareId)).size;
      const known = connection.devices?.length ?? new Set(found.map((thing) => thing.ref.hardwareId)).size;
      const offline = known - online;
      const what = connection.devices === undefined ? 'devices' : 'addresses';
      const error = offline === 0 ? null : `${offline} of ${known} ${what} do not answer as they should`;
      return { ok: offline === 0, online, offline, error };
    } catch (error) {
      if (!(error instanceof Problem) || error.status < 500) throw error;
      return { ok: false, online: 0, offline: connection.devices?.length ?? 0, error: error.message };
    }
  }

  return { list, test };
}

export type ConnectionHardwareService = ReturnType<typeof createConnectionHardware>;
