import { type Static, Type } from 'typebox';
import { Check } from 'typebox/value';
import type { Clock } from '../host/clock.ts';
import type { VendorHttp } from '../host/vendor-http.ts';
import { assertNever } from '../rules/assert-never.ts';
import { invalid } from '../rules/errors.ts';
import { lanAddressPattern } from '../rules/lan-address.ts';
import type { Driver } from './port.ts';

/** Vendor name to driver; the one place that knows them all. A vendor's code is loaded when a connection first needs it. */
export const vendors = ['shelly-lan', 'shelly-mqtt', 'shelly-websocket'] as const;
export type Vendor = (typeof vendors)[number];

/** Whose drivers tell by themselves, and are therefore kept open from the start. */
export const telling: ReadonlySet<string> = new Set<Vendor>(['shelly-mqtt', 'shelly-websocket']);

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

const Password = Type.String({ minLength: 1, maxLength: 256 });
const devicePasswords = {
  /** One for all devices, and those of single ones by their ids. */
  devicePassword: Type.Optional(Password),
  devicePasswords: Type.Optional(Type.Record(Type.String(), Password)),
};

/** A broker, with the prefixes that devices on it were given in place of their ids. */
export const ShellyMqttConfig = Type.Object(
  {
    url: Type.String({ maxLength: 300, pattern: '^mqtts?://[^/@\\s]+$' }),
    username: Type.Optional(Type.String({ minLength: 1, maxLength: 256 })),
    password: Type.Optional(Password),
    topics: Type.Optional(Type.Array(Type.String({ minLength: 1, maxLength: 300 }), { maxItems: 250 })),
    ...devicePasswords,
  },
  { additionalProperties: false },
);

/** Devices that dial us. */
export const ShellyWebSocketConfig = Type.Object(devicePasswords, { additionalProperties: false });

export type DriverDeps = { http: VendorHttp; clock: Clock; random: (count: number) => Buffer };

/** Throws Problem VALIDATION_ERROR when the configuration is not one of this vendor's. */
export async function openDriver(vendor: Vendor, config: unknown, deps: DriverDeps): Promise<Driver> {
  switch (vendor) {
    case 'shelly-lan': {
      if (!Check(ShellyLanConfig, config)) throw invalid('config', 'This is not a list of Shelly addresses');
      const { createShellyLanDriver } = await import('./shelly/driver.ts');
      return createShellyLanDriver({ ...deps, devices: config.devices });
    }
    case 'shelly-mqtt': {
      if (!Check(ShellyMqttConfig, config)) throw invalid('config', 'This is not the configuration of a broker');
      const { createShellyMqttDriver } = await import('./shelly/mqtt-driver.ts');
      return createShellyMqttDriver({ ...deps, ...config });
    }
    case 'shelly-websocket': {
      if (!Check(ShellyWebSocketConfig, config)) throw invalid('config', 'These are not passwords of devices');
      const { createShellyWebSocketDriver } = await import('./shelly/websocket-driver.ts');
      return createShellyWebSocketDriver({ ...deps, ...config });
    }
    default:
      return assertNever(vendor);
  }
}
