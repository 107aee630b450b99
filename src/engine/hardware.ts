import type { Log } from '../database/log.ts';
import {
  type Command,
  type Driver,
  type Hardware,
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
import type { HardwarePort, LookFor, RelayRef, Sent } from './port.ts';

/** Deadlines of one try on hardware (Hygate: a relay command has 5 s). */
const deadlines = { perform: seconds(5), observe: seconds(4), list: seconds(10) } as const;

type Options = {
  clock: Clock;
  connections: Pick<ConnectionsService, 'opened'>;
  openDriver: (vendor: 'shelly-lan', config: unknown, deps: DriverDeps) => Promise<Driver>;
  driverDeps: DriverDeps;
  breakers: Breakers;
  log: Log;
};

/**
 * Brings a feature's wish to the right driver, with a deadline, unless a breaker holds it back. One driver per connection,
 * until the connection changes.
 */
export function createHardware(o: Options): HardwarePort {
  const { clock, connections, openDriver, driverDeps, breakers, log } = o;
  const open = new Map<ConnectionId, { version: number; driver: Promise<Driver> }>();

  async function driverOf(organizationId: OrganizationId, id: ConnectionId): Promise<Driver> {
    const { vendor, version, config } = await connections.opened(organizationId, id);
    const known = open.get(id);
    if (known !== undefined && known.version === version) return known.driver;
    if (known !== undefined) breakers.forget(id);
    const driver = openDriver(vendor, config, driverDeps);
    open.set(id, { version, driver });
    return driver;
  }

  /** Only people ask for it, so it is never held back. */
  async function list(organizationId: OrganizationId, id: ConnectionId): Promise<Hardware[]> {
    const driver = await driverOf(organizationId, id);
    try {
      const found = await driver.list(clock.deadline(deadlines.list));
      for (const { ref, online } of found) if (online) breakers.answered(id, ref.hardwareId);
      return found;
    } catch (error) {
      if (!(error instanceof VendorFault)) throw error;
      const texts = { reason: error.reason };
      throw new Problem('UPSTREAM_ERROR', error.message, { facts: texts, cause: error });
    }
  }

  async function observe(ref: RelayRef, lookFor: LookFor): Promise<Observation & { notAsked?: true }> {
    const driver = await driverOf(ref.organizationId, ref.connectionId).catch(inWords);
    if (typeof driver === 'string') return { kind: 'unreachable', why: driver, at: clock.now() };
    const permit = breakers.ask(ref.connectionId, ref.hardwareId, lookFor === 'people' ? 'look' : 'background');
    if (permit.kind === 'held') {
      const { reason, error: why } = permit;
      return { kind: 'unreachable', reason, why, at: clock.now(), notAsked: true };
    }
    let ended: Ended = 'nothing';
    try {
      const target = { hardwareId: ref.hardwareId, channel: ref.channel };
      const seen = await driver.observe(target, clock.deadline(deadlines.observe));
      ended = seen.kind === 'relay' ? 'worked' : { ...seen, reason: seen.reason ?? 'unreachable', error: seen.why };
      return seen;
    } finally {
      permit.ended(ended);
    }
  }

  async function perform(ref: RelayRef, command: Command, signal: AbortSignal): Promise<Sent> {
    const driver = await driverOf(ref.organizationId, ref.connectionId).catch(inWords);
    if (typeof driver === 'string') return { kind: 'refused', reason: 'credentials', detail: driver };
    const permit = breakers.ask(ref.connectionId, ref.hardwareId, command.kind === 'switch-off' ? 'off' : 'on');
    if (permit.kind === 'held') {
      const { reason, error, retryAfterSeconds } = permit;
      const detail = `not sent, since it keeps failing: ${error}`;
      return { kind: 'refused', reason, detail, retryAfterSeconds, notSent: true };
    }
    let ended: Ended = 'nothing';
    try {
      const target = { hardwareId: ref.hardwareId, channel: ref.channel };
      const outcome = await driver.perform(target, command, clock.deadline(deadlines.perform, signal));
      if (!signal.aborted) ended = endOf(outcome);
      return outcome;
    } finally {
      permit.ended(ended);
    }
  }

  const health = (ref: RelayRef) => breakers.health(ref.connectionId, ref.hardwareId);

  /** A connection that cannot be used (an unreadable secret, say) is a fault of that hardware, not of whoever asks. */
  function inWords(error: unknown): string {
    log.error({ err: error }, 'A connection cannot be used.');
    return 'the connection cannot be used';
  }

  return { list, observe, perform, health, troubles: breakers.troubles };
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
      const answered = outcome.reason === 'vendor' || outcome.reason === 'unsupported';
      return answered && outcome.wholeConnection !== true ? 'worked' : { ...outcome, error: outcome.detail };
    }
  }
}
