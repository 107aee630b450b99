import { countsByMonth, openDriver } from '../drivers/registry.ts';
import { createBreakers } from '../engine/breaker.ts';
import { createDeviceCalls } from '../engine/device-calls.ts';
import { createHardware } from '../engine/hardware.ts';
import { createLinks } from '../engine/links.ts';
import { createLockHardware } from '../engine/lock-hardware.ts';
import { createLockLists } from '../engine/lock-lists.ts';
import { createMonthlyRequests } from '../engine/monthly-requests.ts';
import { createOpenDrivers } from '../engine/open-drivers.ts';
import { createPace } from '../engine/pace.ts';
import { createTokenVaults } from '../engine/token-vault.ts';
import type { Watches } from '../engine/watches.ts';
import { createConnections } from '../features/connections/connections.service.ts';
import { createLockCallback } from '../features/connections/lock-callback.service.ts';
import { createShellyConfig } from '../features/connections/shelly-config.service.ts';
import { createConnectionSignIn } from '../features/connections/sign-in.service.ts';
import { createTtlockConfig } from '../features/connections/ttlock-config.service.ts';
import { createVendorHttp } from '../host/vendor-http.ts';
import type { Ground } from './ground.ts';
import type { House } from './house.ts';
import type { Notices } from './notices.ts';

type Given = {
  house: House;
  notices: Notices;
  /** Where drivers that tell by themselves are heard: in the engine, which is made after what it works with. */
  told: Watches['told'];
};

/** Our accounts at vendors, and hardware as it is reached by them: within deadlines, breakers and turns. */
export function composeVendors(ground: Ground, { house, notices: { notices }, told }: Given) {
  const { clock, random, log, hub, lanes } = ground;
  const { audit } = house;
  const connections = createConnections({ ...ground, audit, notices });
  const breakers = createBreakers({ clock, log, chance: random.chance });
  const http = createVendorHttp({ clock });
  const monthlyRequests = createMonthlyRequests({
    ...ground,
    notices,
    again: ({ organizationId, connectionId }) => drivers.open(organizationId, connectionId),
  });
  const drivers = createOpenDrivers({
    connections,
    openDriver,
    driverDeps: { http, clock, random: random.bytes, pace: createPace(ground) },
    vaultOf: createTokenVaults({ ...ground, lanes }),
    httpOf(whose, vendor, config) {
      const counts = countsByMonth(vendor, config);
      return counts === null ? http : monthlyRequests.counting(whose, counts.allowed, http);
    },
    log,
    told,
    changed: breakers.forget,
  });
  const links = createLinks(ground);
  const calls = createDeviceCalls({ ...ground, random: random.bytes, hear: hub.on });
  const hardware = createHardware({ clock, log, breakers, drivers, links, calls });
  const lockLists = createLockLists({ clock, drivers });
  const { spare } = monthlyRequests;
  const lockHardware = createLockHardware({ clock, log, breakers, drivers, lists: lockLists, spare });
  const shellyConfig = createShellyConfig({ ...ground, audit, connections, hardware });
  const ttlockConfig = createTtlockConfig({ ...ground, audit, connections, lockLists });
  const lockCallback = createLockCallback(ground);
  const signInToConnection = createConnectionSignIn({ ...ground, audit, connections, lockLists });
  return {
    connections,
    breakers,
    monthlyRequests,
    drivers,
    links,
    calls,
    hardware,
    lockLists,
    lockHardware,
    shellyConfig,
    ttlockConfig,
    lockCallback,
    signInToConnection,
  } as const;
}

export type Vendors = ReturnType<typeof composeVendors>;
