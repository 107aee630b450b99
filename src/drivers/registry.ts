import { type Static, type TSchema, Type } from 'typebox';
import { Check } from 'typebox/value';
import type { Clock } from '../host/clock.ts';
import type { VendorHttp } from '../host/vendor-http.ts';
import { assertNever } from '../rules/assert-never.ts';
import { invalid } from '../rules/errors.ts';
import type { Driver } from './port.ts';

/** Vendor name to driver; the one place that knows them all. A vendor's code is loaded when a connection first needs it. */
export const vendors = ['shelly-lan'] as const;
export type Vendor = (typeof vendors)[number];

/** `host` or `host:port`: a name, an IPv4 address, or an IPv6 address in brackets. */
const Address = Type.String({
  maxLength: 255,
  pattern: '^(\\[[0-9A-Fa-f:.]+\\]|[A-Za-z0-9]([A-Za-z0-9._-]*[A-Za-z0-9])?)(:[0-9]{1,5})?$',
});

/** A Shelly LAN connection as it is sealed: with the passwords. */
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

/** The part of it that may be shown. */
export const ShellyLanPublicConfig = Type.Object({ devices: Type.Array(Type.Object({ address: Type.String() })) });
export type ShellyLanPublicConfig = Static<typeof ShellyLanPublicConfig>;

export function withoutSecrets(config: ShellyLanConfig): ShellyLanPublicConfig {
  return { devices: config.devices.map(({ address }) => ({ address })) };
}

/** By vendor: what the connections API takes as `config`. */
export const configSchemas = { 'shelly-lan': ShellyLanConfig } as const satisfies Record<Vendor, TSchema>;

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
