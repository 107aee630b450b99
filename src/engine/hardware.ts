import type { Log } from '../database/log.ts';
import {
  type Command,
  type Driver,
  type Hardware,
  type HardwareVendor,
  type LookFor,
  type Observation,
  type Outcome,
  VendorFault,
} from '../drivers/port.ts';
import type { DriverDeps } from '../drivers/registry.ts';
import type { ConnectionsService } from '../features/connections/connections.service.ts';
import type { Clock } from '../host/clock.ts';
import { Problem } from '../rules/errors.ts';
import type { ConnectionId, OrganizationId } from '../rules/ids.ts';
import { seconds } from '../rules/instant.ts';
import type { Breakers, Ended } from './breaker.ts';
import type { HardwarePort, RelayRef } from './port.ts';

type Options = {
  clock: Clock;
  connections: Pick<ConnectionsService, 'opened'>;
  openDriver: (vendor: HardwareVendor, config: unknown, deps: DriverDeps) => Promise<Driver>;
  driverDeps: DriverDeps;
  breakers: Breakers;
  log: Log;
};

/**
 * Deadlines of one try on hardware (Hygate: a relay command has 5 s). Where the vendor counts requests, waiting for the
 * turns is in them: a second and the answer for each; and the vendor's cloud shows what was done only after a while.
 */
const near = { perform: seconds(5), observe: seconds(4), list: seconds(10) } as const;
const deadlines: Record<HardwareVendor, { perform: number; observe: number; list: number }> = {
  'shelly-lan': near,
  'shelly-cloud': { perform: seconds(16), observe: seconds(12), list: seconds(25) },
};

/** How old a list may be, where asking for it costs others their turns. */
const remembered = seconds(30);

/**
 * Brings a feature's wish to the right driver, with a deadline, unless a breaker holds it back. One driver per connection,
 * until the connection changes.
 */
export function createHardware(o: Options): HardwarePort {
  const { clock, connections, openDriver, driverDeps, breakers, log } = o;
  /** Lately listed: adding forty machines one after the other asks the vendor once. */
  const lists = new WeakMap<Driver, { at: number; found: Hardware[] }>();
  const open = new Map<ConnectionId, { version: number; vendor: HardwareVendor; driver: Promise<Driver> }>();

  async function driverOf(organizationId: OrganizationId, id: ConnectionId): Promise<Opened> {
    const { vendor, version, config } = await connections.opened(organizationId, id);
    const known = open.get(id);
    if (known !== undefined && known.version === version) return { vendor, driver: await known.driver };
    if (known !== undefined) breakers.forget(id);
    const driver = openDriver(vendor, config, driverDeps);
    open.set(id, { version, vendor, driver });
    return { vendor, driver: await driver };
  }

  /** Only people ask for it, so it is never held back. */
  async function list(organizationId: OrganizationId, id: ConnectionId): Promise<Hardware[]> {
    const opened = await driverOf(organizationId, id);
    const found = await listed(opened);
    for (const { ref, online } of found) if (online) breakers.answered(id, ref.hardwareId);
    if (opened.vendor === 'shelly-cloud') lists.set(opened.driver, { at: clock.now(), found });
    return found;
  }

  async function listWith(organizationId: OrganizationId, id: ConnectionId, hardwareId: string): Promise<Hardware[]> {
    const known = lists.get((await driverOf(organizationId, id)).driver);
    const age = known === undefined ? Number.POSITIVE_INFINITY : clock.now() - known.at;
    const good = age >= 0 && age < remembered && known?.found.some(({ ref }) => ref.hardwareId === hardwareId);
    return known !== undefined && good === true ? known.found : list(organizationId, id);
  }

  async function tryOut(vendor: HardwareVendor, config: unknown): Promise<Hardware[]> {
    return listed({ vendor, driver: await openDriver(vendor, config, driverDeps) });
  }

  async function listed({ vendor, driver }: Opened): Promise<Hardware[]> {
    try {
      return await driver.list(clock.deadline(deadlines[vendor].list));
    } catch (error) {
      if (!(error instanceof VendorFault)) throw error;
      const texts = { reason: error.reason };
      throw new Problem('UPSTREAM_ERROR', error.message, { facts: texts, cause: error });
    }
  }

  async function observe(ref: RelayRef, lookFor: LookFor): Promise<Observation & { notAsked?: true }> {
    const opened = await driverOf(ref.organizationId, ref.connectionId).catch(inWords);
    if (typeof opened === 'string') return { kind: 'unreachable', why: opened, at: clock.now() };
    const { vendor, driver } = opened;
    const permit = breakers.ask(ref.connectionId, ref.hardwareId, lookFor === 'people' ? 'look' : 'background');
    if (permit.kind === 'held') {
      const { reason, error: why } = permit;
      return { kind: 'unreachable', reason, why, at: clock.now(), notAsked: true };
    }
    let ended: Ended = 'nothing';
    try {
      const seen = await driver.observe(targetOf(ref), clock.deadline(deadlines[vendor].observe), lookFor);
      ended = endOfLook(seen);
      return seen;
    } finally {
      permit.ended(ended);
    }
  }

  async function perform(ref: RelayRef, command: Command, signal: AbortSignal): Promise<Outcome> {
    const opened = await driverOf(ref.organizationId, ref.connectionId).catch(inWords);
    if (typeof opened === 'string') return { kind: 'refused', reason: 'credentials', detail: opened };
    const { vendor, driver } = opened;
    const permit = breakers.ask(ref.connectionId, ref.hardwareId, command.kind === 'switch-off' ? 'off' : 'on');
    if (permit.kind === 'held') {
      const { reason, error, retryAfterSeconds } = permit;
      return { kind: 'refused', reason, detail: `not sent, since it keeps failing: ${error}`, retryAfterSeconds };
    }
    let ended: Ended = 'nothing';
    try {
      const outcome = await driver.perform(targetOf(ref), command, clock.deadline(deadlines[vendor].perform, signal));
      if (!signal.aborted) ended = endOf(outcome);
      return outcome;
    } finally {
      permit.ended(ended);
    }
  }

  const health = (ref: RelayRef) => breakers.health(ref.connectionId, ref.hardwareId);
  const performTakes = (vendor: HardwareVendor): number => deadlines[vendor].perform;

  /** A connection that cannot be used (an unreadable secret, say) is a fault of that hardware, not of whoever asks. */
  function inWords(error: unknown): string {
    log.error({ err: error }, 'A connection cannot be used.');
    return 'the connection cannot be used';
  }

  return { list, listWith, tryOut, observe, perform, performTakes, health, troubles: breakers.troubles };
}

type Opened = { vendor: HardwareVendor; driver: Driver };

const targetOf = ({ hardwareId, channel }: RelayRef) => ({ hardwareId, channel });

/** To have waited for a turn in vain is no trouble of the vendor's. */
function endOfLook(seen: Observation): Ended {
  if (seen.kind === 'relay') return 'worked';
  return seen.noTurn === true ? 'nothing' : { ...seen, reason: seen.reason ?? 'unreachable', error: seen.why };
}

/** A plain no of the thing itself is an answer: the line to it works. */
function endOf(outcome: Outcome): Ended {
  switch (outcome.kind) {
    case 'confirmed':
    case 'accepted':
      return 'worked';
    case 'unknown':
      return { ...outcome, reason: 'unreachable', error: outcome.detail };
    default: {
      if (outcome.noTurn === true) return 'nothing';
      const answered = outcome.reason === 'vendor' || outcome.reason === 'unsupported';
      return answered && outcome.wholeConnection !== true ? 'worked' : { ...outcome, error: outcome.detail };
    }
  }
}
