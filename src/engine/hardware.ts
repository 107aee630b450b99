import type { Log } from '../database/log.ts';
import {
  type Command,
  type Driver,
  type Hardware,
  type Line,
  type Observation,
  type Outcome,
  VendorFault,
} from '../drivers/port.ts';
import type { Clock } from '../host/clock.ts';
import { Problem } from '../rules/errors.ts';
import type { ConnectionId, OrganizationId } from '../rules/ids.ts';
import { seconds } from '../rules/instant.ts';
import type { DeviceAnswer, DeviceCall, DeviceCalls } from './device-calls.ts';
import type { Links } from './links.ts';
import type { OpenDrivers, Taken, Whose } from './open-drivers.ts';
import type { HardwarePort, RelayRef } from './port.ts';

/** Deadlines of one try on hardware (Hygate: a relay command has 5 s). */
const deadlines = { perform: seconds(5), observe: seconds(4), list: seconds(10) } as const;

type Options = { clock: Clock; drivers: OpenDrivers; links: Links; calls: DeviceCalls; log: Log };

/**
 * Brings a feature's wish to the right driver, with a deadline. Where the device has dialled another process of ours, the
 * wish goes there: it is carried out once at most, and what is not known of it is said to be unknown.
 */
export function createHardware({ clock, drivers, links, calls, log }: Options) {
  async function list(organizationId: OrganizationId, id: ConnectionId): Promise<Hardware[]> {
    const { driver, release } = await drivers.take(organizationId, id);
    try {
      const found = await driver.list(clock.deadline(deadlines.list));
      return driver.inbound === undefined ? found : await everywhere({ organizationId, connectionId: id }, found);
    } catch (error) {
      if (!(error instanceof VendorFault)) throw error;
      const texts = { reason: error.reason };
      throw new Problem('UPSTREAM_ERROR', error.message, { facts: texts, cause: error });
    } finally {
      release();
    }
  }

  /** What has dialled this process was asked now; the rest is as it was when it dialled. */
  async function everywhere(whose: Whose, here: Hardware[]): Promise<Hardware[]> {
    const asked = new Set(here.map(({ ref }) => ref.hardwareId));
    const others = (await links.known(whose)).filter(({ hardwareId }) => !asked.has(hardwareId));
    return [...here, ...others.flatMap(({ hardware }) => hardware)];
  }

  async function observe(ref: RelayRef): Promise<Observation> {
    const unreachable = (why: string): Observation => ({ kind: 'unreachable', why, at: clock.now() });
    const taken = await drivers.take(ref.organizationId, ref.connectionId).catch(inWords);
    if (typeof taken === 'string') return unreachable(taken);
    const asked = await carryOut(taken, ref, { kind: 'observe', ref: bare(ref) }, deadlines.observe);
    if (asked.kind === 'seen') return asked.seen;
    if (asked.kind === 'nobody') return unreachable(notHere(ref));
    return unreachable('The process that its socket hangs on does not answer');
  }

  async function perform(ref: RelayRef, command: Command): Promise<Outcome> {
    const taken = await drivers.take(ref.organizationId, ref.connectionId).catch(inWords);
    if (typeof taken === 'string') return { kind: 'refused', reason: 'credentials', detail: taken };
    const asked = await carryOut(taken, ref, { kind: 'perform', ref: bare(ref), command }, deadlines.perform);
    if (asked.kind === 'outcome') return asked.outcome;
    if (asked.kind === 'nobody') return { kind: 'refused', reason: 'unreachable', detail: notHere(ref) };
    if (asked.kind === 'not-taken') {
      return { kind: 'refused', reason: 'unreachable', detail: 'The process that its socket hangs on is gone' };
    }
    return { kind: 'unknown', detail: 'The process that its socket hangs on took it, and was not heard of again' };
  }

  /** Here, or by the process that holds the device's socket. */
  async function carryOut({ driver, release }: Taken, whose: RelayRef, call: DeviceCall, milliseconds: number) {
    try {
      if (holds(driver, call)) return await byDriver(driver, call, clock.deadline(milliseconds));
      const processId = await links.holder(whose, call.ref.hardwareId);
      if (processId === null) return { kind: 'nobody' as const };
      return await calls.ask(whose, processId, call, milliseconds);
    } finally {
      release();
    }
  }

  /** For another process, whose call this one has taken. */
  async function forOther(whose: Whose, call: DeviceCall, signal: AbortSignal): Promise<DeviceAnswer> {
    const taken = await drivers.take(whose.organizationId, whose.connectionId).catch(inWords);
    const why = 'the connection cannot be used';
    if (typeof taken === 'string') {
      return call.kind === 'observe'
        ? { kind: 'seen', seen: { kind: 'unreachable', why, at: clock.now() } }
        : { kind: 'outcome', outcome: { kind: 'refused', reason: 'credentials', detail: why } };
    }
    try {
      return await byDriver(taken.driver, call, signal);
    } finally {
      taken.release();
    }
  }

  /** A socket that a device has opened. */
  async function accept({ organizationId, connectionId }: Whose, line: Line): Promise<void> {
    const { inbound } = await drivers.open(organizationId, connectionId);
    if (inbound === undefined) line.close('nothing dials in here');
    else inbound.accept(line);
  }

  /** A connection that cannot be used (an unreadable secret, say) is a fault of that hardware, not of whoever asks. */
  function inWords(error: unknown): string {
    log.error({ err: error }, 'A connection cannot be used.');
    return 'the connection cannot be used';
  }

  return { list, observe, perform, forOther, accept } satisfies HardwarePort & Record<string, unknown>;
}

export type EngineHardware = ReturnType<typeof createHardware>;

const notHere = ({ hardwareId }: RelayRef): string => `${hardwareId} has not dialled in`;
const bare = ({ hardwareId, channel }: RelayRef) => ({ hardwareId, channel });
const holds = ({ inbound }: Driver, { ref }: DeviceCall): boolean =>
  inbound === undefined || inbound.holds(ref.hardwareId);

async function byDriver(driver: Driver, call: DeviceCall, signal: AbortSignal): Promise<DeviceAnswer> {
  return call.kind === 'observe'
    ? { kind: 'seen', seen: await driver.observe(call.ref, signal) }
    : { kind: 'outcome', outcome: await driver.perform(call.ref, call.command, signal) };
}
