import type { Log } from '../database/log.ts';
import {
  type Command,
  type Driver,
  type Hardware,
  type Observation,
  type Outcome,
  VendorFault,
  type Who,
} from '../drivers/port.ts';
import type { DriverDeps } from '../drivers/registry.ts';
import type { ConnectionsService } from '../features/connections/connections.service.ts';
import type { Clock } from '../host/clock.ts';
import { Problem } from '../rules/errors.ts';
import type { ConnectionId, OrganizationId } from '../rules/ids.ts';
import { seconds } from '../rules/instant.ts';
import type { HardwarePort, HardwareVendor, RelayRef } from './port.ts';

/**
 * Deadlines of one try on hardware (Hygate: a relay command has 5 s). Where the vendor counts requests, waiting for the
 * turns is in them: a second and the answer for each; and the vendor's cloud shows what was done only after a while.
 */
const deadlines: Record<HardwareVendor, { perform: number; observe: number; list: number }> = {
  'shelly-lan': { perform: seconds(5), observe: seconds(4), list: seconds(10) },
  'shelly-cloud': { perform: seconds(16), observe: seconds(12), list: seconds(25) },
};

const remembered = seconds(30);

type Options = {
  clock: Clock;
  connections: Pick<ConnectionsService, 'opened'>;
  openDriver: (vendor: HardwareVendor, config: unknown, deps: DriverDeps) => Promise<Driver>;
  driverDeps: DriverDeps;
  log: Log;
};

/** Brings a feature's wish to the right driver, with a deadline. One driver per connection, until the connection changes. */
export function createHardware({ clock, connections, openDriver, driverDeps, log }: Options): HardwarePort {
  /** Lately listed: adding forty machines one after the other asks the vendor once. */
  const lists = new WeakMap<Driver, { at: number; found: Hardware[] }>();
  const open = new Map<ConnectionId, { version: number; vendor: HardwareVendor; driver: Promise<Driver> }>();

  async function driverOf(organizationId: OrganizationId, id: ConnectionId): Promise<Opened> {
    const { vendor, version, config } = await connections.opened(organizationId, id);
    const known = open.get(id);
    if (known !== undefined && known.version === version) return { vendor, driver: await known.driver };
    const driver = openDriver(vendor, config, driverDeps);
    open.set(id, { version, vendor, driver });
    return { vendor, driver: await driver };
  }

  async function list(organizationId: OrganizationId, id: ConnectionId): Promise<Hardware[]> {
    const opened = await driverOf(organizationId, id);
    const found = await listed(opened);
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

  async function observe(ref: RelayRef, who?: Who): Promise<Observation> {
    const opened = await driverOf(ref.organizationId, ref.connectionId).catch(inWords);
    if (typeof opened === 'string') return { kind: 'unreachable', why: opened, at: clock.now() };
    const { vendor, driver } = opened;
    return driver.observe(targetOf(ref), clock.deadline(deadlines[vendor].observe), who);
  }

  async function perform(ref: RelayRef, command: Command): Promise<Outcome> {
    const opened = await driverOf(ref.organizationId, ref.connectionId).catch(inWords);
    if (typeof opened === 'string') return { kind: 'refused', reason: 'credentials', detail: opened };
    const { vendor, driver } = opened;
    return driver.perform(targetOf(ref), command, clock.deadline(deadlines[vendor].perform));
  }

  /** A connection that cannot be used (an unreadable secret, say) is a fault of that hardware, not of whoever asks. */
  function inWords(error: unknown): string {
    log.error({ err: error }, 'A connection cannot be used.');
    return 'the connection cannot be used';
  }

  return { list, listWith, tryOut, observe, perform };
}

type Opened = { vendor: HardwareVendor; driver: Driver };

const targetOf = ({ hardwareId, channel }: RelayRef) => ({ hardwareId, channel });
