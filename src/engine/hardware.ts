import type { Log } from '../database/log.ts';
import type {
  Command,
  Driver,
  Hardware,
  HardwareVendor,
  Line,
  LookFor,
  Observation,
  Outcome,
} from '../drivers/port.ts';
import type { Clock } from '../host/clock.ts';
import type { ConnectionId, OrganizationId } from '../rules/ids.ts';
import { seconds } from '../rules/instant.ts';
import { asProblem } from './as-problem.ts';
import { type Breakers, type Ended, endOf, endOfLook } from './breaker.ts';
import type { DeviceAnswer, DeviceCall, DeviceCalls } from './device-calls.ts';
import type { Links } from './links.ts';
import type { OpenDrivers, Taken, Whose } from './open-drivers.ts';
import type { HardwarePort, RelayRef, Sent } from './port.ts';

type Options = {
  clock: Clock;
  drivers: OpenDrivers;
  breakers: Breakers;
  links: Pick<Links, 'holder' | 'known'>;
  calls: Pick<DeviceCalls, 'ask'>;
  log: Log;
};

/**
 * Deadlines of one try on hardware (Hygate: a relay command has 5 s). Where the vendor counts requests, waiting for the
 * turns is in them: a second and the answer for each; and the vendor's cloud shows what was done only after a while.
 */
const near = { perform: seconds(5), observe: seconds(4), list: seconds(10) } as const;
const deadlines: Record<HardwareVendor, { perform: number; observe: number; list: number }> = {
  'shelly-lan': near,
  'shelly-mqtt': near,
  'shelly-websocket': near,
  'shelly-cloud': { perform: seconds(16), observe: seconds(12), list: seconds(25) },
  ttlock: { perform: seconds(16), observe: seconds(12), list: seconds(25) },
  yale: { perform: seconds(16), observe: seconds(12), list: seconds(25) },
};

/** How old a list may be, where asking for it costs others their turns. */
const remembered = seconds(30);

/**
 * Brings a feature's wish to the right driver, with a deadline, unless a breaker holds it back. Where the device has
 * dialled another process of ours, the wish goes there: it is carried out once at most, and what is not known of it is
 * said to be unknown.
 */
export function createHardware({ clock, drivers, breakers, links, calls, log }: Options) {
  /** Lately listed: adding forty machines one after the other asks the vendor once. */
  const lists = new WeakMap<Driver, { at: number; found: Hardware[] }>();

  /** Only people ask for it, so it is never held back. */
  async function list(organizationId: OrganizationId, id: ConnectionId): Promise<Hardware[]> {
    const taken = await drivers.take(organizationId, id);
    try {
      const here = await listed(taken);
      const inbound = taken.driver.inbound !== undefined;
      const found = inbound ? await everywhere({ organizationId, connectionId: id }, here) : here;
      for (const { ref, online } of found) if (online) breakers.answered(id, ref.hardwareId);
      if (taken.vendor === 'shelly-cloud') lists.set(taken.driver, { at: clock.now(), found });
      return found;
    } finally {
      taken.release();
    }
  }

  /** What has dialled this process was asked now; the rest is as it was when it dialled. */
  async function everywhere(whose: Whose, here: Hardware[]): Promise<Hardware[]> {
    const asked = new Set(here.map(({ ref }) => ref.hardwareId));
    const others = (await links.known(whose)).filter(({ hardwareId }) => !asked.has(hardwareId));
    return [...here, ...others.flatMap(({ hardware }) => hardware)];
  }

  async function listWith(organizationId: OrganizationId, id: ConnectionId, hardwareId: string): Promise<Hardware[]> {
    const known = lists.get(await drivers.open(organizationId, id));
    const age = known === undefined ? Number.POSITIVE_INFINITY : clock.now() - known.at;
    const good = age >= 0 && age < remembered && known?.found.some(({ ref }) => ref.hardwareId === hardwareId);
    return known !== undefined && good === true ? known.found : list(organizationId, id);
  }

  async function tryOut(vendor: HardwareVendor, config: unknown): Promise<Hardware[]> {
    const driver = await drivers.once(vendor, config);
    try {
      return await listed({ vendor, driver });
    } finally {
      await driver.close?.();
    }
  }

  const listed = ({ vendor, driver }: Pick<Taken, 'vendor' | 'driver'>): Promise<Hardware[]> =>
    driver.list(clock.deadline(deadlines[vendor].list)).catch(asProblem);

  async function observe(ref: RelayRef, lookFor: LookFor): Promise<Observation & { notAsked?: true }> {
    const taken = await drivers.take(ref.organizationId, ref.connectionId).catch(inWords);
    if (typeof taken === 'string') return { kind: 'unreachable', why: taken, at: clock.now() };
    try {
      const permit = breakers.ask(ref.connectionId, ref.hardwareId, lookFor === 'people' ? 'look' : 'background');
      if (permit.kind === 'held') {
        const { reason, error: why } = permit;
        return { kind: 'unreachable', reason, why, at: clock.now(), notAsked: true };
      }
      let ended: Ended = 'nothing';
      try {
        const within = deadlines[taken.vendor].observe;
        const call: DeviceCall = { kind: 'observe', ref: bare(ref), lookFor };
        const seen = seenOf(ref, await carryOut(taken, ref, call, within), clock.now());
        ended = endOfLook(seen);
        return seen;
      } finally {
        permit.ended(ended);
      }
    } finally {
      taken.release();
    }
  }

  async function perform(ref: RelayRef, command: Command, signal: AbortSignal): Promise<Sent> {
    const taken = await drivers.take(ref.organizationId, ref.connectionId).catch(inWords);
    if (typeof taken === 'string') return { kind: 'refused', reason: 'credentials', detail: taken };
    try {
      const permit = breakers.ask(ref.connectionId, ref.hardwareId, command.kind === 'switch-off' ? 'off' : 'on');
      if (permit.kind === 'held') {
        const { reason, error, retryAfterSeconds } = permit;
        const detail = `not sent, since it keeps failing: ${error}`;
        return { kind: 'refused', reason, detail, retryAfterSeconds, notSent: true };
      }
      let ended: Ended = 'nothing';
      try {
        const within = deadlines[taken.vendor].perform;
        const call: DeviceCall = { kind: 'perform', ref: bare(ref), command };
        const outcome = outcomeOf(ref, await carryOut(taken, ref, call, within, signal));
        if (!signal.aborted) ended = endOf(outcome);
        return outcome.kind === 'refused' && outcome.noTurn === true ? { ...outcome, notSent: true } : outcome;
      } finally {
        permit.ended(ended);
      }
    } finally {
      taken.release();
    }
  }

  /** Here, or by the process that holds the device's socket. */
  async function carryOut({ driver }: Taken, whose: RelayRef, call: DeviceCall, within: number, signal?: AbortSignal) {
    if (holds(driver, call)) return byDriver(driver, call, clock.deadline(within, signal));
    const processId = await links.holder(whose, call.ref.hardwareId);
    return processId === null ? { kind: 'nobody' as const } : calls.ask(whose, processId, call, within, signal);
  }

  /** For another process, whose call this one has taken; that one has asked its breakers. */
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

  const health = (ref: RelayRef) => breakers.health(ref.connectionId, ref.hardwareId);
  const performTakes = (vendor: HardwareVendor): number => deadlines[vendor].perform;

  /** A connection that cannot be used (an unreadable secret, say) is a fault of that hardware, not of whoever asks. */
  function inWords(error: unknown): string {
    log.error({ err: error }, 'A connection cannot be used.');
    return 'the connection cannot be used';
  }

  const port: HardwarePort = {
    list,
    listWith,
    tryOut,
    observe,
    perform,
    performTakes,
    health,
    troubles: breakers.troubles,
  };
  return { ...port, forOther, accept };
}

export type EngineHardware = ReturnType<typeof createHardware>;

type Carried = Awaited<ReturnType<DeviceCalls['ask']>> | { kind: 'nobody' };

function seenOf(ref: RelayRef, carried: Carried, at: number): Observation {
  if (carried.kind === 'seen') return carried.seen;
  const why = carried.kind === 'nobody' ? notHere(ref) : 'The process that its socket hangs on does not answer';
  return { kind: 'unreachable', reason: 'unreachable', why, at };
}

function outcomeOf(ref: RelayRef, carried: Carried): Outcome {
  if (carried.kind === 'outcome') return carried.outcome;
  if (carried.kind === 'nobody') return { kind: 'refused', reason: 'unreachable', detail: notHere(ref) };
  if (carried.kind === 'not-taken') {
    return { kind: 'refused', reason: 'unreachable', detail: 'The process that its socket hangs on is gone' };
  }
  return { kind: 'unknown', detail: 'The process that its socket hangs on took it, and was not heard of again' };
}

const notHere = ({ hardwareId }: RelayRef): string => `${hardwareId} has not dialled in`;
const bare = ({ hardwareId, channel }: RelayRef) => ({ hardwareId, channel });
const holds = ({ inbound }: Driver, { ref }: DeviceCall): boolean =>
  inbound === undefined || inbound.holds(ref.hardwareId);

async function byDriver(driver: Driver, call: DeviceCall, signal: AbortSignal): Promise<DeviceAnswer> {
  return call.kind === 'observe'
    ? { kind: 'seen', seen: await driver.observe(call.ref, signal, call.lookFor) }
    : { kind: 'outcome', outcome: await driver.perform(call.ref, call.command, signal) };
}
