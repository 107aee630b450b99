import { type Static, Type } from 'typebox';
import { Check } from 'typebox/value';
import type { Clock } from '../host/clock.ts';
import type { VendorHttp } from '../host/vendor-http.ts';
import { assertNever } from '../rules/assert-never.ts';
import { cloudServer } from '../rules/cloud-server.ts';
import { invalid } from '../rules/errors.ts';
import { lanAddressPattern } from '../rules/lan-address.ts';
import type { TokenVault } from './lock-port.ts';
import type { Driver, HardwareVendor, Pace } from './port.ts';

/** Whose drivers tell by themselves, and are therefore kept open from the start. */
export const telling: ReadonlySet<string> = new Set<HardwareVendor>(['shelly-mqtt', 'shelly-websocket']);

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

/** An account at Shelly's cloud: its server and its key, both told by the Shelly app. */
export const ShellyCloudConfig = Type.Object(
  { server: Type.String({ maxLength: 255 }), authKey: Type.String({ minLength: 1, maxLength: 512 }) },
  { additionalProperties: false },
);

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

/** An account at the TTLock platform: our application there, and a user of the TTLock app. */
export const TtlockConfig = Type.Object(
  {
    server: Type.String({ maxLength: 255 }),
    clientId: Type.String({ minLength: 1, maxLength: 128 }),
    clientSecret: Type.String({ minLength: 1, maxLength: 256 }),
    username: Type.String({ minLength: 1, maxLength: 256 }),
    passwordMd5: Type.String({ pattern: '^[0-9a-f]{32}$' }),
    monthlyRequests: Type.Optional(Type.Integer({ minimum: 1 })),
  },
  { additionalProperties: false },
);

/** An account at the Yale/August cloud, by password or by a partner's program. */
export const YaleConfig = Type.Object(
  {
    family: Type.Union([Type.Literal('august'), Type.Literal('yale')]),
    server: Type.String({ maxLength: 255 }),
    oauthServer: Type.String({ maxLength: 255 }),
    apiKey: Type.String({ minLength: 1, maxLength: 256 }),
    login: Type.Union([
      Type.Object(
        {
          kind: Type.Literal('password'),
          identifier: Type.String({ pattern: '^(email|phone):.{3,250}$' }),
          password: Password,
          installId: Type.String({ minLength: 8, maxLength: 64 }),
        },
        { additionalProperties: false },
      ),
      Type.Object(
        {
          kind: Type.Literal('oauth'),
          clientId: Type.String({ minLength: 1, maxLength: 256 }),
          clientSecret: Type.String({ minLength: 1, maxLength: 512 }),
          refreshToken: Type.String({ minLength: 1, maxLength: 4096 }),
        },
        { additionalProperties: false },
      ),
    ]),
  },
  { additionalProperties: false },
);

/** Vendors that count requests by the month, and how many this account has, where that is known; null: no such vendor. */
export function countsByMonth(vendor: HardwareVendor, config: unknown): { allowed: number | null } | null {
  if (vendor !== 'ttlock' || !Check(TtlockConfig, config)) return null;
  return { allowed: config.monthlyRequests ?? null };
}

export type DriverDeps = {
  http: VendorHttp;
  clock: Clock;
  random: (count: number) => Buffer;
  /** For vendors that count requests; they cannot be opened without. */
  pace?: Pace;
  /** For vendors that give out tokens; they cannot be opened without. */
  vault?: TokenVault;
};

/**
 * Vendor name to driver; the one place that knows them all. A vendor's code is loaded when a connection first needs it.
 * Throws Problem VALIDATION_ERROR when the configuration is not one of this vendor's.
 */
export async function openDriver(vendor: HardwareVendor, config: unknown, deps: DriverDeps): Promise<Driver> {
  switch (vendor) {
    case 'shelly-lan': {
      if (!Check(ShellyLanConfig, config)) throw invalid('config', 'This is not a list of Shelly addresses');
      const { createShellyLanDriver } = await import('./shelly/driver.ts');
      return createShellyLanDriver({ ...deps, devices: config.devices });
    }
    case 'shelly-cloud': {
      const server = Check(ShellyCloudConfig, config) ? cloudServer(config.server) : null;
      if (!Check(ShellyCloudConfig, config) || server === null) {
        throw invalid('config', 'This is not an account at Shelly Cloud');
      }
      const { pace } = deps;
      if (pace === undefined) throw new Error('Shelly Cloud counts requests: it cannot be asked without turns');
      const { createShellyCloudDriver } = await import('./shelly/cloud-driver.ts');
      return createShellyCloudDriver({ ...deps, pace, server, authKey: config.authKey });
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
    case 'ttlock': {
      const server = Check(TtlockConfig, config) ? cloudServer(config.server) : null;
      if (!Check(TtlockConfig, config) || server === null) throw invalid('config', 'This is not an account at TTLock');
      const { vault } = deps;
      if (vault === undefined) throw new Error('TTLock gives out tokens: it cannot be asked without a place for them');
      const { server: _, monthlyRequests: __, ...credentials } = config;
      const { createTtlockDriver } = await import('./ttlock/driver.ts');
      return createTtlockDriver({ ...deps, vault, server, credentials });
    }
    case 'yale': {
      const found = Check(YaleConfig, config) ? config : null;
      const server = found === null ? null : cloudServer(found.server);
      const oauthServer = found === null ? null : cloudServer(found.oauthServer);
      if (found === null || server === null || oauthServer === null) {
        throw invalid('config', 'This is not an account at Yale or August');
      }
      const { vault } = deps;
      if (vault === undefined) throw new Error('Yale gives out tokens: it cannot be asked without a place for them');
      const { createYaleDriver } = await import('./yale/driver.ts');
      return createYaleDriver({ ...deps, ...found, vault, server, oauthServer });
    }
    default:
      return assertNever(vendor);
  }
}
