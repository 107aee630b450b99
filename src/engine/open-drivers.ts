import type { Log } from '../database/log.ts';
import type { TokenVault } from '../drivers/lock-port.ts';
import type { Driver, HardwareVendor, Told } from '../drivers/port.ts';
import type { DriverDeps } from '../drivers/registry.ts';
import type { ConnectionsService } from '../features/connections/connections.service.ts';
import type { VendorHttp } from '../host/vendor-http.ts';
import type { ConnectionId, OrganizationId } from '../rules/ids.ts';
import { createMemoryVault } from './memory-vault.ts';

export type Whose = { organizationId: OrganizationId; connectionId: ConnectionId };

type Options = {
  connections: Pick<ConnectionsService, 'opened'>;
  openDriver: (vendor: HardwareVendor, config: unknown, deps: DriverDeps) => Promise<Driver>;
  driverDeps: DriverDeps;
  /** Where the tokens are kept that a vendor gives out for this connection, configured so. */
  vaultOf: (whose: Whose, config: unknown) => TokenVault;
  /** Its way to the vendor, where that one counts requests by the month. */
  httpOf: (whose: Whose, vendor: HardwareVendor, config: unknown) => VendorHttp;
  log: Log;
  /** What drivers tell by themselves. */
  told: (whose: Whose, told: Told) => void;
  /** It was changed, or is no more. */
  changed: (id: ConnectionId) => void;
};

export type Taken = { vendor: HardwareVendor; driver: Driver; release(): void };

type Open = {
  vendor: HardwareVendor;
  version: number;
  written: string;
  driver: Promise<Driver>;
  under: Set<Promise<unknown>>;
};

/**
 * One driver per connection and process: opened when it is first needed, closed when the connection changes, is deleted,
 * or the process ends. A driver that is to be closed first finishes what is under way; all of that has deadlines.
 */
export function createOpenDrivers({
  connections,
  openDriver,
  driverDeps,
  vaultOf,
  httpOf,
  log,
  told,
  changed,
}: Options) {
  const open = new Map<ConnectionId, Open>();
  const closing = new Set<Promise<void>>();
  let ended = false;

  async function entry(organizationId: OrganizationId, id: ConnectionId): Promise<Open> {
    const { vendor, version, written, config } = await connections.opened(organizationId, id);
    const known = open.get(id);
    if (known !== undefined && known.version >= version) return known; // read before the change that it was opened by
    if (known !== undefined && known.written === written) {
      known.version = version; // another name alone: what is linked stays linked, and is asked at once
      changed(id);
      return known;
    }
    if (ended) throw new Error('The server is ending.');
    const whose = { organizationId, connectionId: id };
    const own = { vault: vaultOf(whose, config), http: httpOf(whose, vendor, config) };
    const driver = openDriver(vendor, config, { ...driverDeps, ...own }).then((made) => {
      made.watch?.((one) => told(whose, one));
      return made;
    });
    const made: Open = { vendor, version, written, driver, under: new Set() };
    open.set(id, made);
    if (known !== undefined) {
      changed(id);
      retire(known);
    }
    driver.catch(() => {
      if (open.get(id) === made) open.delete(id);
    });
    return made;
  }

  /** The driver of the connection as it is now, kept open until it is released. */
  async function take(organizationId: OrganizationId, id: ConnectionId): Promise<Taken> {
    const { vendor, driver, under } = await entry(organizationId, id);
    const { promise, resolve } = Promise.withResolvers<void>();
    under.add(promise);
    const release = (): void => {
      under.delete(promise);
      resolve();
    };
    try {
      return { vendor, driver: await driver, release };
    } catch (error) {
      release();
      throw error;
    }
  }

  /** Opens it where it is not yet, or has changed. */
  const opened = async (organizationId: OrganizationId, id: ConnectionId): Promise<Driver> =>
    (await entry(organizationId, id)).driver;

  /** By a configuration that is perhaps not saved, so tokens are not kept; whoever asks closes it. */
  const once = (vendor: HardwareVendor, config: unknown): Promise<Driver> =>
    openDriver(vendor, config, { ...driverDeps, vault: createMemoryVault(driverDeps.clock) });

  /** Closes the drivers of connections that are no more. */
  function keepOnly(ids: ReadonlySet<ConnectionId>): void {
    for (const [id, known] of open) {
      if (ids.has(id)) continue;
      open.delete(id);
      changed(id);
      retire(known);
    }
  }

  function retire({ driver, under }: Open): void {
    const one: Promise<void> = Promise.all([driver.catch(nothing), Promise.allSettled(under)])
      .then(([made]) => made?.close?.())
      .catch((error: unknown) => log.warn({ err: error }, 'A driver did not close as it should.'))
      .finally(() => closing.delete(one));
    closing.add(one);
  }

  async function close(): Promise<void> {
    ended = true;
    keepOnly(new Set());
    await Promise.all(closing);
  }

  return { take, open: opened, once, keepOnly, close };
}

export type OpenDrivers = ReturnType<typeof createOpenDrivers>;

const nothing = (): undefined => undefined;
