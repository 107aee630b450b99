import type { Log } from '../database/log.ts';
import type { Database } from '../database/open.ts';
import type { CommandsService } from '../features/commands/commands.service.ts';
import { laneOf } from '../features/commands/switching.service.ts';
import { type DeviceRow, type DevicesService, relayRef } from '../features/devices/devices.service.ts';
import type { RelayRow, RelaysService } from '../features/relays/relays.service.ts';
import type { SessionsService } from '../features/sessions/sessions.service.ts';
import type { Clock } from '../host/clock.ts';
import { seconds } from '../rules/instant.ts';
import type { HardwareFacts } from './hardware-facts.ts';
import type { Lanes } from './port.ts';

type Deps = {
  database: Database;
  clock: Clock;
  lanes: Lanes;
  devices: DevicesService;
  relays: RelaysService;
  sessions: SessionsService;
  commands: CommandsService;
  hardwareFacts: HardwareFacts;
  log: Log;
};

/** Another process, or a guest's look, read it just now. */
const seenLately = seconds(8);
/** How many devices are asked at the same time. */
const atOnce = 16;
/** One missed answer may be a hiccup: those that missed one are asked again so soon, before they count as offline. */
const askedAgainAfter = seconds(3);
/** The device's own timer may end this much after ours: until then a relay that staff had switched on is no stray. */
const manualGrace = seconds(10);

/**
 * Looks at every relay without a run: so that it is known whether it can be sold, and none stays on that nobody asked
 * for. Relays with a run are the session runner's.
 */
export function createRelayRound(deps: Deps) {
  const { database, clock, lanes, devices, relays, sessions, commands, hardwareFacts, log } = deps;

  /** One round over all devices of the server; answers how many were looked at. */
  async function round(signal: AbortSignal): Promise<number> {
    let seen = 0;
    let last: DeviceRow | null = null;
    const missed: DeviceRow[] = [];
    while (!signal.aborted) {
      const some: DeviceRow[] = await devices.after(last, atOnce);
      if (some.length === 0) break;
      const looks = await Promise.all(some.map((device) => look(device).catch((error) => failed(device, error))));
      missed.push(...some.filter((_, i) => looks[i] === 'missed'));
      await hardwareFacts.refresh(some);
      seen += some.length;
      last = some.at(-1) ?? null;
    }
    await again(missed, signal);
    return seen;
  }

  async function again(missed: readonly DeviceRow[], signal: AbortSignal): Promise<void> {
    if (missed.length > 0) await clock.sleep(askedAgainAfter, signal);
    for (let done = 0; done < missed.length && !signal.aborted; done += atOnce) {
      const some = missed.slice(done, done + atOnce);
      await Promise.all(some.map((device) => look(device).catch((error) => failed(device, error))));
    }
  }

  /** One device's trouble keeps no other from being looked at. */
  function failed(device: DeviceRow, error: unknown): null {
    log.error({ err: error, device: device.id }, 'A relay could not be looked at.');
    return null;
  }

  const look = (device: DeviceRow): Promise<'missed' | null> => lanes.ifFree(laneOf(device), () => looked(device));

  /** `missed`: it did not answer, for the first time. */
  async function looked(device: DeviceRow): Promise<'missed' | null> {
    if ((await sessions.liveOn(device.organization_id, device.id)) !== null) return null;
    const known = await relays.find(device.organization_id, device.id);
    if (known?.tried_at != null && isKnown(known) && clock.now() - known.tried_at < seenLately) return null;
    const relay = await relays.read(relayRef(device), device.id);
    if (relay === null) return null;
    if (relay.unreachable_since !== null) return relay.offline_since === null ? 'missed' : null;
    const manual = relay.manual_until !== null && relay.manual_until > clock.now();
    if (relay.output === 'on' && !manual) await switchOff(device, relay);
    return null;
  }

  /** Nobody asked for it: off. Looked at again under the device's lock, since a run may have begun meanwhile. */
  async function switchOff(device: DeviceRow, { manual_until }: RelayRow): Promise<void> {
    const byHandJustNow = manual_until !== null && clock.now() - manual_until < manualGrace;
    const id = await database.transaction('stray-relay-asked', async (tx) => {
      await devices.lock(tx, device.organization_id, device.id);
      if ((await sessions.liveOn(device.organization_id, device.id, tx)) !== null) return null;
      if (!byHandJustNow) await relays.foundOn(tx, device.organization_id, device.id);
      await commands.cutShort(tx, device.organization_id, device.id);
      return commands.ask(tx, device, { kind: 'switch-off' }, {});
    });
    if (id === null) return;
    const outcome = await commands.send(device, { kind: 'switch-off' });
    await database.transaction('stray-relay-told', (tx) => commands.finish(tx, device, id, outcome));
  }

  return { round, look };
}

/** On, or silent just now: that is looked at again. */
const isKnown = (relay: RelayRow): boolean => relay.output !== 'on' && relay.unreachable_since === null;

export type RelayRound = ReturnType<typeof createRelayRound>;
