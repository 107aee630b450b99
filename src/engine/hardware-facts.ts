import type { Database } from '../database/open.ts';
import type { Hardware } from '../drivers/port.ts';
import type { DeviceRow } from '../features/devices/devices.service.ts';
import type { RelaysService } from '../features/relays/relays.service.ts';
import type { Clock } from '../host/clock.ts';
import type { ConnectionId } from '../rules/ids.ts';
import { hours, type Instant, minutes } from '../rules/instant.ts';
import type { HardwarePort } from './port.ts';

type Deps = { database: Database; clock: Clock; hardware: HardwarePort; relays: RelaysService };

/** Firmware changes now and then; and a connection that does not answer, or does not know a device, is left in peace. */
const every = hours(6);
const pause = minutes(10);

/**
 * What hardware says of itself (model, firmware), kept fresh enough to be shown: one question to a connection serves all
 * its devices. Trouble is no news here: whether a device answers is the relay round's to find out.
 */
export function createHardwareFacts({ database, clock, hardware, relays }: Deps) {
  const asked = new Map<ConnectionId, { at: Instant; found: Promise<Hardware[]> }>();

  /** Asks again for those of these devices whose facts are old. */
  async function refresh(devices: readonly DeviceRow[]): Promise<void> {
    const organizations = Map.groupBy(devices, (device) => device.organization_id);
    for (const [organizationId, own] of organizations) {
      const known = await relays.findAll(
        organizationId,
        own.map(({ id }) => id),
      );
      const old = own.filter(({ id }) => clock.now() - (known.get(id)?.described_at ?? 0) > every);
      for (const device of old) await refreshOne(device);
    }
  }

  async function refreshOne(device: DeviceRow): Promise<void> {
    const { organization_id: organizationId, hardware_id: hardwareId } = device;
    const found = await listOf(device);
    const facts = found.find((one) => one.ref.hardwareId === hardwareId && one.online);
    if (facts === undefined) return;
    await database.transaction('device-described', async (tx) => {
      await relays.describe(tx, organizationId, device.id, facts);
    });
  }

  function listOf({ organization_id, connection_id }: DeviceRow): Promise<Hardware[]> {
    const before = asked.get(connection_id);
    if (before !== undefined && clock.now() - before.at < pause) return before.found;
    const found = hardware.list(organization_id, connection_id).catch(() => []);
    asked.set(connection_id, { at: clock.now(), found });
    return found;
  }

  return { refresh };
}

export type HardwareFacts = ReturnType<typeof createHardwareFacts>;
