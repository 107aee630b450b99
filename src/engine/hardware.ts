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
import type { HardwarePort, RelayRef } from './port.ts';

/** Deadlines of one try on hardware (Hygate: a relay command has 5 s). */
const deadlines = { perform: seconds(5), observe: seconds(4), list: seconds(10) } as const;

type Options = {
  clock: Clock;
  connections: Pick<ConnectionsService, 'opened'>;
  openDriver: (vendor: 'shelly-lan', config: unknown, deps: DriverDeps) => Promise<Driver>;
  driverDeps: DriverDeps;
  log: Log;
};

/** Brings a feature's wish to the right driver, with a deadline. One driver per connection, until the connection changes. */
export function createHardware({ clock, connections, openDriver, driverDeps, log }: Options): HardwarePort {
  const open = new Map<ConnectionId, { version: number; driver: Promise<Driver> }>();

  async function driverOf(organizationId: OrganizationId, id: ConnectionId): Promise<Driver> {
    const { vendor, version, config } = await connections.opened(organizationId, id);
    const known = open.get(id);
    if (known !== undefined && known.version === version) return known.driver;
    const driver = openDriver(vendor, config, driverDeps);
    open.set(id, { version, driver });
    return driver;
  }

  async function list(organizationId: OrganizationId, id: ConnectionId): Promise<Hardware[]> {
    const driver = await driverOf(organizationId, id);
    try {
      return await driver.list(clock.deadline(deadlines.list));
    } catch (error) {
      if (!(error instanceof VendorFault)) throw error;
      const texts = { reason: error.reason };
      throw new Problem('UPSTREAM_ERROR', error.message, { facts: texts, cause: error });
    }
  }

  async function observe(ref: RelayRef): Promise<Observation> {
    const driver = await driverOf(ref.organizationId, ref.connectionId).catch(inWords);
    if (typeof driver === 'string') return { kind: 'unreachable', why: driver, at: clock.now() };
    return driver.observe({ hardwareId: ref.hardwareId, channel: ref.channel }, clock.deadline(deadlines.observe));
  }

  async function perform(ref: RelayRef, command: Command): Promise<Outcome> {
    const driver = await driverOf(ref.organizationId, ref.connectionId).catch(inWords);
    if (typeof driver === 'string') return { kind: 'refused', reason: 'credentials', detail: driver };
    const target = { hardwareId: ref.hardwareId, channel: ref.channel };
    return driver.perform(target, command, clock.deadline(deadlines.perform));
  }

  /** A connection that cannot be used (an unreadable secret, say) is a fault of that hardware, not of whoever asks. */
  function inWords(error: unknown): string {
    log.error({ err: error }, 'A connection cannot be used.');
    return 'the connection cannot be used';
  }

  return { list, observe, perform };
}
