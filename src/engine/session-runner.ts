import type { Database, Tx } from '../database/open.ts';
import type { Command, LookFor, Observation } from '../drivers/port.ts';
import { type Asked, type CommandsService, seenWith } from '../features/commands/commands.service.ts';
import { laneOf } from '../features/commands/switching.service.ts';
import { type DeviceRow, type DevicesService, relayRef } from '../features/devices/devices.service.ts';
import type { RelaysService } from '../features/relays/relays.service.ts';
import type { SessionRow, SessionsService } from '../features/sessions/sessions.service.ts';
import type { Clock } from '../host/clock.ts';
import type { ConnectionId, OrganizationId, SessionId } from '../rules/ids.ts';
import type { Reading, SessionEffect, SessionEvent } from '../rules/sessions/session.ts';
import { createPlaces } from './places.ts';
import type { HardwarePort, Lanes, Sent, Turn } from './port.ts';

type Deps = {
  database: Database;
  clock: Clock;
  lanes: Lanes;
  hardware: HardwarePort;
  devices: DevicesService;
  relays: RelaysService;
  sessions: SessionsService;
  commands: CommandsService;
};

type Act =
  | { kind: 'command'; asked: Asked }
  | { kind: 'read'; lookFor: LookFor }
  /** Another process may be at the device still. */
  | { kind: 'wait' };

/**
 * Who asks: `people` are served in any case. What was just decided (`at-once`) and what came `due` leave it to the next look at what is due, half a
 * second later, when the connection has its hands full: one vendor that hangs keeps nobody else's guests waiting.
 */
export type RunFor = 'people' | 'at-once' | 'due';
/** How many runs of one connection are under way at once, while it is well and while it fails. */
const atOnce = { well: 32, failing: 8 } as const;

/**
 * Carries a paid run through its life: asks the rules what to do now, does it, and tells them what came of it, until
 * there is nothing to do at this moment. One at a time per device, over all processes. A crash at any point leaves a
 * command without an outcome; the next one to come finds it, counts it as unknown, and reads before it switches.
 */
export function createSessionRunner(deps: Deps) {
  const { database, clock, lanes, hardware, devices, relays, sessions, commands } = deps;

  const places = createPlaces<ConnectionId>();

  /** Does what is due for the session now; what came `due` is left when somebody is at it already. */
  async function run(organizationId: OrganizationId, id: SessionId, runFor: RunFor = 'people'): Promise<void> {
    const session = await sessions.find(organizationId, id);
    if (session === null) return;
    const device = await devices.any(organizationId, session.device_id);
    if (device === null) return;
    const leave = takePlace(device, runFor);
    if (leave === null) return;
    try {
      const work = (turn: Turn) => carryOut(device, id, turn);
      await (runFor === 'due' ? lanes.ifFree(laneOf(device), work) : lanes.inLane(laneOf(device), work));
    } finally {
      leave();
    }
  }

  function takePlace(device: DeviceRow, runFor: RunFor): (() => void) | null {
    const most = hardware.health(relayRef(device)) === 'well' ? atOnce.well : atOnce.failing;
    return places.take(device.connection_id, runFor === 'people' ? Number.POSITIVE_INFINITY : most);
  }

  /**
   * The first step of a run, decided with its money: in that transaction, which holds the locks of the device and of the
   * session, so that the guest waits for one commit and not for two. Answers what to call once the transaction is over;
   * null: somebody is at the device, or its connection has its hands full.
   */
  async function begin(
    tx: Tx,
    device: DeviceRow,
    session: SessionRow,
  ): Promise<((committed: boolean) => Promise<void>) | null> {
    const leavePlace = takePlace(device, 'at-once');
    if (leavePlace === null) return null;
    const lane = await lanes.takeIfFree(laneOf(device)).catch(() => null);
    if (lane === null) {
      leavePlace();
      return null;
    }
    const leave = (): void => {
      lane.leave();
      leavePlace();
    };
    try {
      const act = await decideLocked(tx, device, session.id, session);
      return (committed) => (committed ? carryOut(device, session.id, lane.turn, act) : nothing()).finally(leave);
    } catch (error) {
      leave();
      throw error;
    }
  }

  /** Connections that have no place for what is due. */
  const full = () => places.full();

  /** `decided`: what to do first; left out, that is still to be decided. */
  async function carryOut(device: DeviceRow, id: SessionId, turn: Turn, decided?: Act | null): Promise<void> {
    const decideNext = (): Promise<Act | null> => database.transaction('session-step', (tx) => decide(tx, device, id));
    // each round is one try on hardware; more than a few at once means that the rules ask for pauses we would not keep
    for (let round = 0; round < 8; round++) {
      const before = round === 0 ? decided : undefined;
      if (before === undefined && turn.lost.aborted) return;
      const act = before === undefined ? await decideNext() : before;
      if (act === null) return;
      if (act.kind === 'wait') await commands.settled(device, turn);
      else if (act.kind === 'read') {
        if (!(await read(device, id, act.lookFor))) return;
      } else await perform(device, id, act.asked, turn);
    }
  }

  async function decide(tx: Tx, device: DeviceRow, id: SessionId): Promise<Act | null> {
    await devices.lock(tx, device.organization_id, device.id);
    return decideLocked(tx, device, id, null);
  }

  /** For whoever holds the device's lock; `session`: its row, where that is locked, too. */
  async function decideLocked(
    tx: Tx,
    device: DeviceRow,
    id: SessionId,
    session: SessionRow | null,
  ): Promise<Act | null> {
    const found = await commands.takeOver(tx, device.organization_id, device.id);
    if (found.kind === 'under-way') return { kind: 'wait' };
    for (const left of found.left) {
      // a switch-off was perhaps never sent: it does not count as tried, and is asked for again below
      if (left.session_id !== id || left.kind === 'switch-off') continue;
      await sessions.step(tx, device.organization_id, id, notHeardOf(left.kind, false, false));
    }
    const row =
      session !== null && found.left.length === 0 ? session : await sessions.lock(tx, device.organization_id, id);
    const result = row === null ? null : await sessions.stepOf(tx, row, { kind: 'tick' });
    for (const effect of result?.effects ?? []) {
      if (effect.kind === 'read') return { kind: 'read', lookFor: lookForOf(result?.row) };
      const command = commandOf(effect);
      if (command === null) continue;
      if (command.kind === 'switch-on' && result !== null) {
        const known = await relays.manual(tx, device.organization_id, device.id, null);
        await sessions.meterFrom(tx, result.row, known.energy_counter);
      }
      const by = { sessionId: id, ...(result !== null && { decidedAt: result.at }) };
      return { kind: 'command', asked: await commands.ask(tx, device, command, by) };
    }
    return null;
  }

  /** False: our turn at the vendor did not come, so nothing is known; what is due stays due. */
  async function read(device: DeviceRow, id: SessionId, lookFor: LookFor): Promise<boolean> {
    const seen = await hardware.observe(relayRef(device), lookFor);
    if (seen.kind === 'unreachable' && seen.noTurn === true) return false;
    await database.transaction('session-read', async (tx) => {
      const row = await sessions.lock(tx, device.organization_id, id);
      await relays.record(tx, device.organization_id, device.id, seen);
      if (row === null) return;
      await sessions.stepOf(tx, row, { kind: 'reading', reading: readingOf(seen) });
      await sessions.meter(tx, row, counterOf(seen));
    });
    return true;
  }

  async function perform(device: DeviceRow, id: SessionId, asked: Asked, turn: Turn): Promise<void> {
    const outcome = await commands.send(device, asked, turn);
    await database.transaction('session-outcome', async (tx) => {
      const row = await sessions.lock(tx, device.organization_id, id);
      if (!(await commands.finish(tx, device, asked, outcome)) || row === null) return;
      await sessions.stepOf(tx, row, eventOf(asked.command, outcome, clock.now()));
      await sessions.meter(tx, row, counterOf(seenWith(outcome, clock.now())));
    });
  }

  return { run, begin, full };
}

const nothing = async (): Promise<void> => undefined;

export type SessionRunner = ReturnType<typeof createSessionRunner>;

/** A guest waits for the start, for the end, and for a relay that went off; a run that goes well can be read a bit later. */
function lookForOf(row: SessionRow | undefined): LookFor {
  return row?.phase === 'running' && row.run.offSince === null && !row.run.mustRead ? 'background' : 'people';
}

function commandOf(effect: SessionEffect): Command | null {
  if (effect.kind === 'switch-on') return { kind: 'switch-on', autoOffSeconds: effect.autoOffSeconds };
  return effect.kind === 'switch-off' ? { kind: 'switch-off' } : null;
}

/** Evidence is a reading; everything else is a command that ended without one. */
function eventOf(command: Command, outcome: Sent, now: number): SessionEvent {
  const seen = outcome.kind === 'confirmed' ? seenWith(outcome, now) : null;
  if (seen?.kind === 'relay') return { kind: 'reading', reading: readingOf(seen), confirms: command.kind };
  const refused = outcome.kind === 'refused';
  const unreachable = refused && outcome.reason === 'unreachable';
  return notHeardOf(command.kind, refused, outcome.notSent === true && !unreachable ? null : unreachable);
}

const notHeardOf = (
  command: Command['kind'],
  certainlyNotDone: boolean,
  unreachable: boolean | null,
): SessionEvent => ({
  kind: 'command-ended',
  command,
  certainlyNotDone,
  unreachable,
});

export const counterOf = (seen: Observation | null): number | null =>
  seen?.kind === 'relay' ? (seen.energyWh ?? null) : null;

/** An observation, as the rules take it. */
export function readingOf(seen: Observation): Reading {
  if (seen.kind === 'unreachable') return { kind: 'unreachable', at: seen.at };
  return { kind: 'relay', on: seen.on, autoOffAt: seen.autoOffAt, powerWatts: seen.powerWatts, at: seen.at };
}
