import { type Static, Type } from 'typebox';
import { Check } from 'typebox/value';
import type { Clock } from '../host/clock.ts';
import type { VendorHttp } from '../host/vendor-http.ts';
import { assertNever } from '../rules/assert-never.ts';
import { invalid } from '../rules/errors.ts';
import { lanAddressPattern } from '../rules/lan-address.ts';
import type { Driver } from './port.ts';

/** Vendor name to driver; the one place that knows them all. A vendor's code is loaded when a connection first needs it. */
export const vendors = ['shelly-lan'] as const;
export type Vendor = (typeof vendors)[number];

const Address = Type.String({ maxLength: 255, pattern: lanAddressPattern });

/** A Shelly LAN connection as the driver takes it: with the passwords. */
export const ShellyLanConfig = Type.Object(
  {
    devices: Type.Array(
      Type.Object(
        { address: Address, password: Type.Optional(Type.String({ minLength: 1, maxLength: 256 })) },
        { additionalProperties: false },
      ),
      { maxItems: 250 },
    ),
  },
  { additionalProperties: false },
);
export type ShellyLanConfig = Static<typeof ShellyLanConfig>;

export type DriverDeps = { http: VendorHttp; clock: Clock; random: (count: number) => Buffer };

/** Throws Problem VALIDATION_ERROR when the configuration is not one of this vendor's. */
export async function openDriver(vendor: Vendor, config: unknown, deps: DriverDeps): Promise<Driver> {
  switch (vendor) {
    case 'shelly-lan': {
      if (!Check(ShellyLanConfig, config)) throw invalid('config', 'This is not a list of Shelly addresses');
      const { createShellyLanDriver } = await import('./shelly/driver.ts');
      return createShellyLanDriver({ ...deps, devices: config.devices });
    }
    default:
      return assertNever(vendor);
  }
}
