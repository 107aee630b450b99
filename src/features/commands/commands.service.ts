import type { Tx } from '../../database/open.ts';
import type { Command, Observation, Outcome } from '../../drivers/port.ts';
import type { HardwarePort } from '../../engine/port.ts';
import type { Clock } from '../../host/clock.ts';
import type { Random } from '../../host/random.ts';
import type { AccountId, CommandId, DeviceId, OrganizationId, SessionId } from '../../rules/ids.ts';
import { seconds } from '../../rules/instant.ts';
import { type DeviceRow, relayRef } from '../devices/devices.service.ts';
import type { RelaysService } from '../relays/relays.service.ts';
import { type CommandRow, finishCommand, insertCommand, openCommands } from './commands.store.ts';

export type Asker = { sessionId?: SessionId; accountId?: AccountId };

type Deps = { clock: Clock; random: Random; hardware: HardwarePort; relays: RelaysService };

/**
 * What hardware was asked to do: written before it is sent, finished with its outcome. Callers hold the device's lane
 * for the whole of it; so a command found open by the next one was cut short by a crash, and its outcome is unknown.
 */
export function createCommands({ clock, random, hardware, relays }: Deps) {
  /** Writes the command, in the transaction that decided it. */
  async function ask(tx: Tx, device: DeviceRow, command: Command, by: Asker): Promise<CommandId> {
    const id = random.id('command');
    await insertCommand(
      tx,
      {
        organization_id: device.organization_id,
        id,
        device_id: device.id,
        session_id: by.sessionId ?? null,
        account_id: by.accountId ?? null,
        kind: command.kind,
        auto_off_seconds: command.kind === 'switch-on' ? command.autoOffSeconds : null,
        lease_until: clock.now() + seconds(20),
      },
      clock.now(),
    );
    return id;
  }

  /** Sends it once. Never throws for a vendor's trouble: that is an outcome. */
  const send = (device: DeviceRow, command: Command): Promise<Outcome> => hardware.perform(relayRef(device), command);

  /** Writes how it ended, and what was seen with it. */
  async function finish(tx: Tx, device: DeviceRow, id: CommandId, outcome: Outcome): Promise<void> {
    const seen = seenWith(outcome, clock.now());
    if (seen !== null) await relays.record(tx, device.organization_id, device.id, seen);
    await finishCommand(tx, device.organization_id, id, outcome.kind, detailOf(outcome), clock.now());
  }

  /** Those that a crash cut short; they are closed here as unknown, and returned. */
  async function cutShort(tx: Tx, organizationId: OrganizationId, deviceId: DeviceId): Promise<CommandRow[]> {
    const left = await openCommands(tx, organizationId, deviceId);
    for (const row of left) {
      await finishCommand(
        tx,
        organizationId,
        row.id,
        'unknown',
        'the process ended before it was heard of',
        clock.now(),
      );
    }
    return left;
  }

  return { ask, send, finish, cutShort };
}

export type CommandsService = ReturnType<typeof createCommands>;

/** What an outcome tells of the relay itself. */
export function seenWith(outcome: Outcome, now: number): Observation | null {
  if (outcome.kind === 'confirmed') return outcome.observation;
  if (outcome.kind === 'refused' && outcome.reason === 'unreachable') {
    return { kind: 'unreachable', why: outcome.detail, at: now };
  }
  return null;
}

const detailOf = (outcome: Outcome): string | null =>
  outcome.kind === 'refused'
    ? `${outcome.reason}: ${outcome.detail}`
    : outcome.kind === 'unknown'
      ? outcome.detail
      : null;
