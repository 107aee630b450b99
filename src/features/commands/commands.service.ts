import type { Database, Tx } from '../../database/open.ts';
import type { Command, Observation, Outcome } from '../../drivers/port.ts';
import type { HardwarePort, Sent, Turn } from '../../engine/port.ts';
import type { Clock } from '../../host/clock.ts';
import type { Random } from '../../host/random.ts';
import type { AccountId, CommandId, DeviceId, OrganizationId, SessionId } from '../../rules/ids.ts';
import { type Instant, seconds } from '../../rules/instant.ts';
import type { Stretch } from '../../rules/timeline/moments.ts';
import type { ConnectionsService } from '../connections/connections.service.ts';
import { type DeviceRow, relayRef } from '../devices/devices.service.ts';
import type { RelaysService } from '../relays/relays.service.ts';
import {
  type CommandRow,
  commandsAlong,
  endLeases,
  finishCommand,
  insertCommand,
  openCommands,
} from './commands.store.ts';

/** `decidedAt`: when it was decided, if that was before now. */
export type Asker = { sessionId?: SessionId; accountId?: AccountId; decidedAt?: Instant };

/** A command as it was written; it may only be sent soon after, and its sending takes so many milliseconds at most. */
export type Asked = { id: CommandId; command: Command; askedAt: Instant; sending: number };

/** What the open commands of a device mean for whoever is about to decide. */
export type Left =
  /** Nobody is at the device; these were cut short, and are closed as unknown now. */
  | { kind: 'over'; left: CommandRow[] }
  /** Somebody may be at it at this moment: decide nothing, wait, and look again. */
  | { kind: 'under-way' };

/**
 * A command is begun so soon after it was written, or not at all; and clocks of two processes differ by less than that.
 * Together with how long its sending takes at most, which its vendor decides: how long nobody else may be at the device.
 */
const leases = { begunWithin: seconds(2), clocks: seconds(2) } as const;
const leaseOf = (sending: number): number => leases.begunWithin + sending + leases.clocks;

type Deps = {
  database: Database;
  clock: Clock;
  random: Random;
  connections: Pick<ConnectionsService, 'vendorOf'>;
  hardware: HardwarePort;
  relays: RelaysService;
};

/**
 * What hardware was asked to do: written before it is sent, finished with its outcome. Callers hold the device's lane for
 * the whole of it, and lock the device before they ask: so whoever finds a command open knows that its sender is gone, by
 * a crash or because it lost the lane. Gone, but perhaps not for as long as its sending takes: the row's lease says until
 * when. That is the fence that holds when a lane does not: two processes are never at one device at the same time.
 */
export function createCommands({ database, clock, random, connections, hardware, relays }: Deps) {
  /** Writes the command, in the transaction that decided it: it holds the device's lock, and `takeOver` said 'over'. */
  async function ask(tx: Tx, device: DeviceRow, command: Command, by: Asker): Promise<Asked> {
    const id = random.id('command');
    const sending = hardware.performTakes(await connections.vendorOf(tx, device.organization_id, device.connection_id));
    const askedAt = by.decidedAt ?? clock.now(); // its age counts from there: what it says of the end was worked out then
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
        lease_until: askedAt + leaseOf(sending),
      },
      askedAt,
    );
    return { id, command, askedAt, sending };
  }

  /**
   * Sends it once, while the lane is ours and the command is young; all of it is over before the lease is. Never throws
   * for a vendor's trouble: that is an outcome.
   */
  async function send(device: DeviceRow, { command, askedAt, sending }: Asked, { lost }: Turn): Promise<Sent> {
    const age = clock.now() - askedAt;
    if (lost.aborted || age < 0 || age > leases.begunWithin) {
      return { kind: 'refused', reason: 'busy', detail: 'not sent: its turn was over before it began', notSent: true };
    }
    return hardware.perform(relayRef(device), command, clock.deadline(leases.begunWithin + sending - age, lost));
  }

  /** Writes how it ended, and what was seen with it. False: another process has taken over meanwhile; nothing is told. */
  async function finish(tx: Tx, device: DeviceRow, { id }: Asked, outcome: Outcome): Promise<boolean> {
    const now = clock.now();
    const ours = await finishCommand(tx, device.organization_id, id, outcome.kind, detailOf(outcome), now);
    const seen = ours ? seenWith(outcome, now) : null;
    if (seen !== null) await relays.record(tx, device.organization_id, device.id, seen);
    return ours;
  }

  /** Whether somebody may be at the device still. */
  function isUnderWay(row: CommandRow): boolean {
    const now = clock.now();
    // written in the future: the clock was set back, and its lease tells nothing
    return row.lease_until > now && row.asked_at <= now + leases.clocks;
  }

  /** Waits until nobody else can be at the device any more, or the turn is lost. */
  async function settled(device: Pick<DeviceRow, 'organization_id' | 'id'>, { lost }: Turn): Promise<void> {
    while (!lost.aborted) {
      const open = await openCommands(database.read, device.organization_id, device.id);
      if (!open.some(isUnderWay)) return;
      await clock.sleep(100, lost);
    }
  }

  /** For whoever holds the device's lane and lock: those cut short are closed as unknown, and returned. */
  async function takeOver(tx: Tx, organizationId: OrganizationId, deviceId: DeviceId): Promise<Left> {
    const left = await openCommands(tx, organizationId, deviceId);
    if (left.some(isUnderWay)) return { kind: 'under-way' };
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
    return { kind: 'over', left };
  }

  /** At the start of the only process on this database: what lies open is nobody's, and nobody need wait for it. */
  const ofTheDead = (): Promise<void> => endLeases(database.read, clock.now());

  const along = (organizationId: OrganizationId, deviceId: DeviceId, stretch: Stretch): Promise<CommandRow[]> =>
    commandsAlong(database.read, organizationId, deviceId, stretch);

  return { ask, send, finish, settled, takeOver, ofTheDead, along };
}

export type CommandsService = ReturnType<typeof createCommands>;
export type { CommandRow } from './commands.store.ts';

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
