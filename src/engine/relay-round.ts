import type { Log } from '../database/log.ts';
import type { Database, Tx } from '../database/open.ts';
import type { CommandsService } from '../features/commands/commands.service.ts';
import { laneOf } from '../features/commands/switching.service.ts';
import { type DeviceRow, type DevicesService, relayRef } from '../features/devices/devices.service.ts';
import type { RelaysService } from '../features/relays/relays.service.ts';
import type { SessionsService } from '../features/sessions/sessions.service.ts';
import type { Clock } from '../host/clock.ts';
import { seconds } from '../rules/instant.ts';
import type { Lanes } from './port.ts';

type Deps = {
  database: Database;
  clock: Clock;
  lanes: Lanes;
  devices: DevicesService;
  relays: RelaysService;
  sessions: SessionsService;
  commands: CommandsService;
  log: Log;
};

/** Another process, or a guest's look, read it just now. */
const seenLately = seconds(8);
/** How many devices are asked at the same time. */
const atOnce = 16;

/**
 * Looks at every relay without a run: so that it is known whether it can be sold, and none stays on that nobody asked
 * for. Relays with a run are the session runner's.
 */
export function createRelayRound(deps: Deps) {
  const { database, clock, lanes, devices, relays, sessions, commands, log } = deps;

  /** One round over all devices of the server; answers how many were looked at. */
  async function round(signal: AbortSignal): Promise<number> {
    let seen = 0;
    let last: DeviceRow | null = null;
    while (!signal.aborted) {
      const some: DeviceRow[] = await devices.after(last, atOnce);
      if (some.length === 0) break;
      await Promise.all(some.map((device) => look(device).catch((error: unknown) => failed(device, error))));
      seen += some.length;
      last = some.at(-1) ?? null;
    }
    return seen;
  }

  /** One device's trouble keeps no other from being looked at. */
  function failed(device: DeviceRow, error: unknown): void {
    log.error({ err: error, device: device.id }, 'A relay could not be looked at.');
  }

  const look = (device: DeviceRow): Promise<unknown> => lanes.ifFree(laneOf(device), () => looked(device));

  async function looked(device: DeviceRow): Promise<void> {
    if ((await sessions.liveOn(device.organization_id, device.id)) !== null) return;
    const known = await relays.find(device.organization_id, device.id);
    if (known?.tried_at != null && known.output !== 'on' && clock.now() - known.tried_at < seenLately) return;
    // in the lane: a command that is open here was cut short by a crash, and nobody else may come for a long time
    const cutShort = (tx: Tx) => commands.cutShort(tx, device.organization_id, device.id);
    const relay = await relays.read(relayRef(device), device.id, cutShort);
    const manual = relay?.manual_until != null && relay.manual_until > clock.now();
    if (relay?.output !== 'on' || relay.unreachable_since !== null || manual) return;
    await switchOff(device);
  }

  /** Nobody asked for it: off. Looked at again under the device's lock, since a run may have begun meanwhile. */
  async function switchOff(device: DeviceRow): Promise<void> {
    const id = await database.transaction('stray-relay-asked', async (tx) => {
      await devices.lock(tx, device.organization_id, device.id);
      if ((await sessions.liveOn(device.organization_id, device.id, tx)) !== null) return null;
      await commands.cutShort(tx, device.organization_id, device.id);
      return commands.ask(tx, device, { kind: 'switch-off' }, {});
    });
    if (id === null) return;
    const outcome = await commands.send(device, { kind: 'switch-off' });
    await database.transaction('stray-relay-told', (tx) => commands.finish(tx, device, id, outcome));
  }

  return { round, look };
}

export type RelayRound = ReturnType<typeof createRelayRound>;
