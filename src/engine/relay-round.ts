import type { Log } from '../database/log.ts';
import type { Database, Tx } from '../database/open.ts';
import type { CommandsService } from '../features/commands/commands.service.ts';
import { laneOf } from '../features/commands/switching.service.ts';
import { type DeviceRow, type DevicesService, relayRef, sameHardware } from '../features/devices/devices.service.ts';
import type { RelayRow, RelaysService } from '../features/relays/relays.service.ts';
import { sessionOf } from '../features/sessions/session-row.ts';
import type { SessionsService } from '../features/sessions/sessions.service.ts';
import type { Clock } from '../host/clock.ts';
import { justWasByStaff, onByStaff } from '../rules/devices/by-staff.ts';
import type { DeviceId } from '../rules/ids.ts';
import { ageOf, seconds } from '../rules/instant.ts';
import { seesToRelay } from '../rules/sessions/session.ts';
import type { HardwareFacts } from './hardware-facts.ts';
import { createFairQueue } from './places.ts';
import type { HardwarePort, Lanes, Turn } from './port.ts';

type Deps = {
  database: Database;
  clock: Clock;
  lanes: Lanes;
  hardware: HardwarePort;
  devices: DevicesService;
  relays: RelaysService;
  sessions: SessionsService;
  commands: CommandsService;
  hardwareFacts: HardwareFacts;
  log: Log;
};

/** Another process, or a guest's look, read it just now. */
const seenLately = seconds(8);
/**
 * How many devices are asked at the same time, in all and of one connection. Those whose last call failed have places of
 * their own: a vendor or a wing of the house that hangs keeps no healthy device waiting. Ten of one connection: as many as
 * Shelly's cloud shows in one request.
 */
const places = { atOnce: 64, atOncePerGroup: 10 } as const;
const page = 200;
/** So many begin together where a round is spread out. */
const handful = 10;
/** One missed answer may be a hiccup: those that missed one are asked again so soon, before they count as offline. */
const askedAgainAfter = seconds(3);

/**
 * Looks at every relay without a run, or whose run waits for its start: so that it is known whether it can be sold, and
 * none stays on that nobody asked for. Relays of all other runs are the session runner's.
 */
export function createRelayRound(deps: Deps) {
  const { database, clock, lanes, hardware, devices, relays, sessions, commands, hardwareFacts, log } = deps;
  const queue = createFairQueue(places);
  const underWay = new Map<DeviceId, Promise<void>>();
  let describing: Promise<void> | null = null;
  let lately = 0;

  /**
   * Begins a look at every device of the server that is not under way and not held back; answers how many there are.
   * `spread`: over so many milliseconds, as many as there were the last time: guests must not wait behind hundreds of
   * looks that begin at one moment.
   */
  async function begin(signal: AbortSignal, spread = 0): Promise<number> {
    const pause = lately === 0 ? 0 : (spread * handful) / lately;
    let seen = 0;
    let last: DeviceRow | null = null;
    const all: DeviceRow[] = [];
    while (!signal.aborted) {
      const some: DeviceRow[] = await devices.after(last, page);
      if (some.length === 0) break;
      for (const device of some) {
        if (pause > 0 && seen > 0 && seen % handful === 0) await clock.sleep(pause, signal);
        if (signal.aborted) break;
        beginOne(device, signal);
        seen += 1;
      }
      all.push(...some);
      last = some.at(-1) ?? null;
    }
    lately = seen;
    describing ??= describe(all).finally(() => {
      describing = null;
    });
    return seen;
  }

  /** Apart from the looks: a connection that hangs must not keep a relay from being seen. */
  async function describe(all: readonly DeviceRow[]): Promise<void> {
    const answering = all.filter((device) => hardware.health(relayRef(device)) === 'well');
    await hardwareFacts
      .refresh(answering)
      .catch((error: unknown) => log.error({ err: error }, 'Hardware could not be described.'));
  }

  function beginOne(device: DeviceRow, signal: AbortSignal): void {
    const health = hardware.health(relayRef(device));
    if (health === 'held' || underWay.has(device.id)) return;
    const one = queued(device, health, signal)
      .then((found) => (found === 'missed' ? again(device, signal) : undefined))
      .catch((error: unknown) => failed(device, error))
      .finally(() => underWay.delete(device.id));
    underWay.set(device.id, one);
  }

  function queued(device: DeviceRow, health: 'well' | 'failing', signal: AbortSignal): Promise<Found> {
    const group = health === 'well' ? device.connection_id : `${device.connection_id} failing`;
    return queue.add(group, async () => (signal.aborted ? null : look(device)));
  }

  async function again(device: DeviceRow, signal: AbortSignal): Promise<void> {
    await clock.sleep(askedAgainAfter, signal);
    await queued(device, 'failing', signal);
  }

  /** One round over all devices of the server, to its end. */
  async function round(signal: AbortSignal): Promise<number> {
    const seen = await begin(signal);
    await idle();
    return seen;
  }

  /** Settles when no look is under way. */
  async function idle(): Promise<void> {
    await Promise.all([...underWay.values(), describing]);
  }

  /** One device's trouble keeps no other from being looked at. */
  function failed(device: DeviceRow, error: unknown): void {
    log.error({ err: error, device: device.id }, 'A relay could not be looked at.');
  }

  const look = (device: DeviceRow): Promise<Found> => lanes.ifFree(laneOf(device), (turn) => looked(device, turn));

  async function looked(device: DeviceRow, turn: Turn): Promise<Found> {
    if (await hasRun(device)) return null;
    const known = await relays.find(device.organization_id, device.id);
    const age = known?.tried_at == null ? null : ageOf(known.tried_at, clock.now());
    if (known !== null && isKnown(known) && age !== null && age < seenLately) return null;
    const relay = await relays.read(relayRef(device), device.id, 'background', (tx) => cutShort(tx, device));
    if (relay === null) return null;
    if (relay.unreachable_since !== null) return relay.offline_since === null ? 'missed' : null;
    if (relay.output === 'on' && !onByStaff(relay, clock.now())) await switchOff(device, relay, turn);
    return null;
  }

  /** Whether a run sees to its relay; one that waits for its start does not. */
  async function hasRun({ organization_id: organizationId, id }: DeviceRow, tx?: Tx): Promise<boolean> {
    const live = await sessions.liveOn(organizationId, id, tx);
    return live !== null && seesToRelay(sessionOf(live), clock.now());
  }

  /**
   * In the lane: a command that is open here was cut short by a crash, and nobody else may come for a long time. False: the
   * device was bound to another relay meanwhile, or deleted.
   */
  async function cutShort(tx: Tx, device: DeviceRow): Promise<boolean> {
    const { organization_id: organizationId, id } = device;
    const now = await devices.lock(tx, organizationId, id);
    await commands.takeOver(tx, organizationId, id);
    return now !== null && sameHardware(now, device);
  }

  /** Nobody asked for it: off. Looked at again under the device's lock, since a run may have begun meanwhile. */
  async function switchOff(device: DeviceRow, relay: RelayRow, turn: Turn): Promise<void> {
    const byHandJustNow = justWasByStaff(relay, clock.now());
    const asked = await database.transaction('stray-relay-asked', async (tx) => {
      const now = await devices.lock(tx, device.organization_id, device.id);
      if (now === null || !sameHardware(now, device)) return null; // whoever it belongs to now sees to it
      if (await hasRun(device, tx)) return null;
      if (!byHandJustNow) await relays.foundOn(tx, device.organization_id, device.id);
      const left = await commands.takeOver(tx, device.organization_id, device.id);
      if (left.kind === 'under-way') return null; // the next round looks again
      return commands.ask(tx, device, { kind: 'switch-off' }, {});
    });
    if (asked === null) return;
    const outcome = await commands.send(device, asked, turn);
    await database.transaction('stray-relay-told', (tx) => commands.finish(tx, device, asked, outcome));
  }

  return { begin, round, idle, look };
}

/** `missed`: it did not answer, for the first time. */
type Found = 'missed' | null;

/** On, or silent just now: that is looked at again. */
const isKnown = (relay: RelayRow): boolean => relay.output !== 'on' && relay.unreachable_since === null;

export type RelayRound = ReturnType<typeof createRelayRound>;
