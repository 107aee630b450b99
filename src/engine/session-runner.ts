import type { Database } from '../database/open.ts';
import type { Command, Observation, Outcome } from '../drivers/port.ts';
import { type CommandsService, seenWith } from '../features/commands/commands.service.ts';
import { laneOf } from '../features/commands/switching.service.ts';
import { type DeviceRow, type DevicesService, relayRef } from '../features/devices/devices.service.ts';
import type { RelaysService } from '../features/relays/relays.service.ts';
import type { SessionsService } from '../features/sessions/sessions.service.ts';
import type { Clock } from '../host/clock.ts';
import type { CommandId, OrganizationId, SessionId } from '../rules/ids.ts';
import type { Reading, SessionEffect, SessionEvent } from '../rules/sessions/session.ts';
import type { HardwarePort, Lanes } from './port.ts';

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

type Act = { kind: 'command'; id: CommandId; command: Command } | { kind: 'read' };

/**
 * Carries a paid run through its life: asks the rules what to do now, does it, and tells them what came of it, until
 * there is nothing to do at this moment. One at a time per device, over all processes. A crash at any point leaves a
 * command without an outcome; the next one to come finds it, counts it as unknown, and reads before it switches.
 */
export function createSessionRunner(deps: Deps) {
  const { database, clock, lanes, hardware, devices, relays, sessions, commands } = deps;

  /** Does what is due for the session now. `whenFree`: leaves it when somebody is at it already. */
  async function run(organizationId: OrganizationId, id: SessionId, whenFree = false): Promise<void> {
    const session = await sessions.find(organizationId, id);
    if (session === null) return;
    const device = await devices.any(organizationId, session.device_id);
    if (device === null) return;
    const work = () => carryOut(device, id);
    await (whenFree ? lanes.ifFree(laneOf(device), work) : lanes.inLane(laneOf(device), work));
  }

  async function carryOut(device: DeviceRow, id: SessionId): Promise<void> {
    // each round is one try on hardware; more than a few at once means that the rules ask for pauses we would not keep
    for (let round = 0; round < 8; round++) {
      const act = await database.transaction('session-step', (tx) => decide(tx, device, id));
      if (act === null) return;
      if (act.kind === 'read') await read(device, id);
      else await perform(device, id, act.id, act.command);
    }
  }

  async function decide(
    tx: Parameters<CommandsService['ask']>[0],
    device: DeviceRow,
    id: SessionId,
  ): Promise<Act | null> {
    for (const left of await commands.cutShort(tx, device.organization_id, device.id)) {
      // a switch-off was perhaps never sent: it does not count as tried, and is asked for again below
      if (left.session_id !== id || left.kind === 'switch-off') continue;
      await sessions.step(tx, device.organization_id, id, notHeardOf(left.kind, false, false));
    }
    const result = await sessions.step(tx, device.organization_id, id, { kind: 'tick' });
    for (const effect of result?.effects ?? []) {
      if (effect.kind === 'read') return { kind: 'read' };
      const command = commandOf(effect);
      if (command === null) continue;
      if (command.kind === 'switch-on') await relays.manual(tx, device.organization_id, device.id, null);
      return { kind: 'command', command, id: await commands.ask(tx, device, command, { sessionId: id }) };
    }
    return null;
  }

  async function read(device: DeviceRow, id: SessionId): Promise<void> {
    const seen = await hardware.observe(relayRef(device));
    await database.transaction('session-read', async (tx) => {
      await sessions.lock(tx, device.organization_id, id);
      await relays.record(tx, device.organization_id, device.id, seen);
      await sessions.step(tx, device.organization_id, id, { kind: 'reading', reading: readingOf(seen) });
    });
  }

  async function perform(device: DeviceRow, id: SessionId, commandId: CommandId, command: Command): Promise<void> {
    const outcome = await commands.send(device, command);
    await database.transaction('session-outcome', async (tx) => {
      await sessions.lock(tx, device.organization_id, id);
      await commands.finish(tx, device, commandId, outcome);
      await sessions.step(tx, device.organization_id, id, eventOf(command, outcome, clock.now()));
    });
  }

  return { run };
}

export type SessionRunner = ReturnType<typeof createSessionRunner>;

function commandOf(effect: SessionEffect): Command | null {
  if (effect.kind === 'switch-on') return { kind: 'switch-on', autoOffSeconds: effect.autoOffSeconds };
  return effect.kind === 'switch-off' ? { kind: 'switch-off' } : null;
}

/** Evidence is a reading; everything else is a command that ended without one. */
function eventOf(command: Command, outcome: Outcome, now: number): SessionEvent {
  const seen = outcome.kind === 'confirmed' ? seenWith(outcome, now) : null;
  if (seen?.kind === 'relay') return { kind: 'reading', reading: readingOf(seen) };
  const refused = outcome.kind === 'refused';
  return notHeardOf(command.kind, refused, refused && outcome.reason === 'unreachable');
}

const notHeardOf = (command: Command['kind'], certainlyNotDone: boolean, unreachable: boolean): SessionEvent => ({
  kind: 'command-ended',
  command,
  certainlyNotDone,
  unreachable,
});

/** An observation, as the rules take it. */
export function readingOf(seen: Observation): Reading {
  if (seen.kind === 'unreachable') return { kind: 'unreachable', at: seen.at };
  return { kind: 'relay', on: seen.on, autoOffAt: seen.autoOffAt, powerWatts: seen.powerWatts, at: seen.at };
}
