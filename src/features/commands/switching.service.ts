import type { Database, Tx } from '../../database/open.ts';
import type { Command, Outcome } from '../../drivers/port.ts';
import type { Lanes, Turn } from '../../engine/port.ts';
import type { Clock } from '../../host/clock.ts';
import type { Actor } from '../../rules/accounts/actor.ts';
import { Problem } from '../../rules/errors.ts';
import { minutes } from '../../rules/instant.ts';
import type { Audit } from '../audit/audit.service.ts';
import type { DeviceRow, DevicesService } from '../devices/devices.service.ts';
import type { RelaysService } from '../relays/relays.service.ts';
import type { SessionsService } from '../sessions/sessions.service.ts';
import type { Asked, CommandsService } from './commands.service.ts';

type Deps = {
  database: Database;
  clock: Clock;
  lanes: Lanes;
  audit: Audit;
  devices: DevicesService;
  relays: RelaysService;
  sessions: SessionsService;
  commands: CommandsService;
};

/** How long staff switches on for when it does not say, in minutes. */
export const manualMinutes = { standard: 15, most: 240 } as const;

/** Staff's hand on a relay. What staff switched off is never switched on again by itself. */
export function createSwitching(deps: Deps) {
  const { database, clock, lanes, audit, devices, relays, sessions, commands } = deps;

  /** `on` left out: the other way round than last seen. On carries its own end; during a run it is refused. */
  async function switchDevice(
    actor: Actor,
    id: string,
    on?: boolean,
    lengthMinutes?: number,
  ): Promise<{ on: boolean }> {
    const device = await devices.get(actor, id);
    return lanes.inLane(laneOf(device), async (turn) => {
      const wanted = on ?? (await relays.find(device.organization_id, device.id))?.output !== 'on';
      const length = lengthMinutes ?? manualMinutes.standard;
      const command: Command = wanted ? { kind: 'switch-on', autoOffSeconds: length * 60 } : { kind: 'switch-off' };
      await commands.settled(device, turn);
      const asked = await database.transaction('switch-asked', async (tx) => {
        await devices.lock(tx, device.organization_id, device.id);
        if ((await sessions.liveOn(device.organization_id, device.id, tx)) !== null) throw new Problem('DEVICE_IN_USE');
        if (wanted) await refuseHeld(tx, device);
        await refuseUnderWay(tx, device, turn);
        const before = await relays.find(device.organization_id, device.id, tx);
        const until = wanted ? clock.now() + minutes(length) : null;
        await relays.manual(tx, device.organization_id, device.id, until);
        const written = await commands.ask(tx, device, command, { accountId: actor.accountId });
        await audit.append(
          tx,
          entry(actor, device, wanted ? 'switched on by staff' : 'switched off by staff', { ...command }),
        );
        return { ...written, onUntilBefore: before?.manual_until ?? null };
      });
      const outcome = await commands.send(device, asked, turn);
      await told(device, asked, outcome, (tx) =>
        wanted && outcome.kind === 'refused'
          ? relays.manual(tx, device.organization_id, device.id, asked.onUntilBefore) // not staff's: it was not done
          : undefined,
      );
      return { on: wanted };
    });
  }

  /** Always switches off, and ends a running session as ended by staff; what was not delivered goes back. */
  async function forceOff(actor: Actor, id: string): Promise<{ on: false }> {
    const device = await devices.get(actor, id);
    return lanes.inLane(laneOf(device), async (turn) => {
      await commands.settled(device, turn);
      const asked = await database.transaction('force-off-asked', async (tx) => {
        await devices.lock(tx, device.organization_id, device.id);
        await refuseUnderWay(tx, device, turn);
        const live = await sessions.liveOn(device.organization_id, device.id, tx);
        if (live !== null) {
          await sessions.step(tx, device.organization_id, live.id, { kind: 'ended-by-staff', refund: true });
        }
        await relays.manual(tx, device.organization_id, device.id, null);
        const written = await commands.ask(tx, device, { kind: 'switch-off' }, { accountId: actor.accountId });
        await audit.append(tx, entry(actor, device, 'forced off by staff', { sessionId: live?.id ?? null }));
        return written;
      });
      await told(device, asked, await commands.send(device, asked, turn));
      return { on: false as const };
    });
  }

  return { switchDevice, forceOff };

  /** A guest is paying for it right now: the relay has to be off when their delay begins. */
  async function refuseHeld(tx: Tx, device: DeviceRow): Promise<void> {
    const hold = await sessions.holdOn(device.organization_id, device.id, tx);
    const left = (hold?.expires_at ?? 0) - clock.now();
    if (left > 0) throw new Problem('DEVICE_HELD', undefined, { retryAfterSeconds: Math.ceil(left / 1000) });
  }

  /** The lane was lost, to a process that is at the device at this very moment. */
  async function refuseUnderWay(tx: Tx, device: DeviceRow, turn: Turn): Promise<void> {
    const left = await commands.takeOver(tx, device.organization_id, device.id);
    if (left.kind === 'over' && !turn.lost.aborted) return;
    throw new Problem('UNAVAILABLE', 'The device is busy with other work', { retryAfterSeconds: 5 });
  }

  /** Writes the outcome, and what follows from it; one that is not what was asked is the vendor's, and said so. */
  async function told(
    device: DeviceRow,
    asked: Asked,
    outcome: Outcome,
    besides?: (tx: Tx) => Promise<unknown> | undefined,
  ): Promise<void> {
    await database.transaction('switch-told', async (tx) => {
      if (await commands.finish(tx, device, asked, outcome)) await besides?.(tx);
    });
    if (outcome.kind === 'confirmed' || outcome.kind === 'accepted') return;
    if (outcome.kind === 'unknown')
      throw new Problem('UPSTREAM_TIMEOUT', 'The device did not answer; its state is not known');
    const unreachable = outcome.reason === 'unreachable';
    throw new Problem('UPSTREAM_ERROR', unreachable ? 'The device cannot be reached' : 'The device did not do it', {
      facts: { reason: outcome.reason },
    });
  }
}

export type SwitchingService = ReturnType<typeof createSwitching>;

/** The lane of a device: one command after the other, over all processes. */
export const laneOf = (device: Pick<DeviceRow, 'organization_id' | 'id'>): string =>
  `device:${device.organization_id}:${device.id}`;

const entry = (actor: Actor, device: DeviceRow, action: string, details: Record<string, unknown>) => ({
  organizationId: actor.organizationId,
  category: 'devices' as const,
  action,
  actor,
  entity: 'Device',
  entityId: device.id,
  details: { name: device.name, ...details },
});
