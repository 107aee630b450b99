import type { SecretBox } from '../../host/secret-box.ts';
import { invalid } from '../../rules/errors.ts';
import { lanAddress } from '../../rules/lan-address.ts';
import type { ConnectionRow } from './connections.store.ts';
import { type LanDevice, sealPurpose as purpose, type VendorForm } from './vendor-form.ts';

const most = 200;

export const lanForm: VendorForm = {
  name: 'Shelly',
  fields: ['devices'],
  split: ({ devices }, before, { box }) => {
    if (devices !== undefined) return splitLan(devices, before, box);
    if (before === null) throw invalid('devices', 'devices is required');
    return { config: before.config, sealed: before.sealed };
  },
  open: (row, box) => ({ devices: joinLan(row, box) }),
  show: (row, box) => ({
    vendor: 'shelly-lan',
    devices: joinLan(row, box).map(({ address, password }) => ({ address, hasPassword: password !== undefined })),
  }),
  told: (row, box) => joinLan(row, box).map(({ address }) => address),
  secrets: ({ devices }) =>
    devices?.some(({ password }) => password !== undefined) === true ? 'passwords changed' : null,
};

/** Addresses lie in the open, passwords sealed beside them. */
function splitLan(
  devices: readonly LanDevice[],
  before: ConnectionRow | null,
  box: SecretBox,
): Pick<ConnectionRow, 'config' | 'sealed'> {
  if (devices.length > most) throw invalid('devices', `devices must have at most ${most} entries`);
  const kept = before === null ? {} : passwordsOf(before, box);
  const passwords: Record<string, string> = {};
  const addresses = devices.map((device, index) => {
    const address = lanAddress(device.address);
    if (address === null) {
      const field = `devices[${index}].address`;
      throw invalid(field, `${field} must be a host name or IP address, with :port where it is not 80`);
    }
    const password = device.password === undefined ? kept[address] : device.password;
    if (password) passwords[address] = password;
    return address;
  });
  if (new Set(addresses).size < addresses.length) throw invalid('devices', 'devices names an address twice');
  return {
    config: { devices: addresses.map((address) => ({ address })) },
    sealed: Object.keys(passwords).length === 0 ? null : box.seal(purpose, JSON.stringify(passwords)),
  };
}

function joinLan(row: ConnectionRow, box: SecretBox): { address: string; password?: string }[] {
  const passwords = passwordsOf(row, box);
  const { devices } = row.config as { devices: { address: string }[] }; // written by splitLan alone
  return devices.map(({ address }) => {
    const password = passwords[address];
    return password === undefined ? { address } : { address, password };
  });
}

function passwordsOf(row: ConnectionRow, box: SecretBox): Record<string, string> {
  return row.sealed === null ? {} : (JSON.parse(box.open(purpose, row.sealed)) as Record<string, string>);
}
