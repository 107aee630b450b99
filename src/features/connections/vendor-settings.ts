import type { Random } from '../../host/random.ts';
import type { SecretBox } from '../../host/secret-box.ts';
import { assertNever } from '../../rules/assert-never.ts';
import { invalid } from '../../rules/errors.ts';
import type { ConnectionRow, Vendor } from './connections.store.ts';
import { passwordsView } from './device-passwords.ts';
import { inboundSecret, joinInbound, splitInbound } from './inbound-config.ts';
import { joinLan, type LanDevice, splitLan } from './lan-config.ts';
import { joinMqtt, type MqttInput, splitMqtt } from './mqtt-config.ts';

/** What each vendor of hardware is set up with: how it is kept, handed to its driver, shown, and told in the audit. */
export type HardwareVendor = Exclude<Vendor, 'stripe'>;
export const hardwareVendors: readonly HardwareVendor[] = ['shelly-lan', 'shelly-mqtt', 'shelly-websocket'];

export type SettingsInput = MqttInput & { devices?: LanDevice[] };

export type SettingsView = {
  devices?: { address: string; hasPassword: boolean }[];
  url?: string;
  username?: string | null;
  hasPassword?: boolean;
  topics?: string[];
  hasDevicePassword?: boolean;
  devicePasswords?: string[];
  /** Of the address that devices dial; administrators copy it into them. */
  secret?: string;
};

type Kept = Pick<ConnectionRow, 'config' | 'sealed'>;

const fields: Record<HardwareVendor, readonly (keyof SettingsInput)[]> = {
  'shelly-lan': ['devices'],
  'shelly-mqtt': ['url', 'username', 'password', 'topics', 'devicePassword', 'devicePasswords'],
  'shelly-websocket': ['devicePassword', 'devicePasswords'],
};

/** Throws VALIDATION_ERROR that names the field. `before` null: it is being made. */
export function keptSettings(
  vendor: HardwareVendor,
  input: SettingsInput,
  before: ConnectionRow | null,
  { box, random }: { box: SecretBox; random: Random },
): Kept {
  for (const name of Object.values(fields).flat()) {
    if (input[name] !== undefined && !fields[vendor].includes(name)) {
      throw invalid(name, `A connection of the kind ${vendor} has no ${name}`);
    }
  }
  switch (vendor) {
    case 'shelly-lan': {
      if (input.devices !== undefined) return splitLan(input.devices, before, box);
      if (before === null) throw invalid('devices', 'devices is required');
      return { config: before.config, sealed: before.sealed };
    }
    case 'shelly-mqtt':
      return splitMqtt(input, before, box);
    case 'shelly-websocket':
      return splitInbound(input, before, box, random);
    default:
      return assertNever(vendor);
  }
}

/** With the secrets: for the driver alone. */
export function driverSettings(vendor: HardwareVendor, row: ConnectionRow, box: SecretBox): unknown {
  switch (vendor) {
    case 'shelly-lan':
      return { devices: joinLan(row, box) };
    case 'shelly-mqtt':
      return joinMqtt(row, box);
    case 'shelly-websocket':
      return joinInbound(row, box);
    default:
      return assertNever(vendor);
  }
}

export function shownSettings(vendor: HardwareVendor, row: ConnectionRow, box: SecretBox): SettingsView {
  switch (vendor) {
    case 'shelly-lan': {
      const devices = joinLan(row, box);
      return { devices: devices.map(({ address, password }) => ({ address, hasPassword: password !== undefined })) };
    }
    case 'shelly-mqtt': {
      const { url, username = null, topics, password, ...passwords } = joinMqtt(row, box);
      return { url, username, hasPassword: password !== undefined, topics, ...passwordsView(passwords) };
    }
    case 'shelly-websocket':
      return { secret: inboundSecret(row, box), ...passwordsView(joinInbound(row, box)) };
    default:
      return assertNever(vendor);
  }
}

/** Where it leads, for the audit: no secret. */
export function toldSettings(vendor: HardwareVendor, row: ConnectionRow, box: SecretBox): unknown {
  const shown = shownSettings(vendor, row, box);
  return (
    shown.devices?.map(({ address }) => address) ?? { url: shown.url, username: shown.username, topics: shown.topics }
  );
}

/** Whether a change touches a password. */
export const touchesPasswords = (input: SettingsInput): boolean =>
  input.devices?.some((device) => device.password !== undefined) === true ||
  input.password !== undefined ||
  input.devicePassword !== undefined ||
  input.devicePasswords !== undefined;
