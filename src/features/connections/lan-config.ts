import type { SecretBox } from '../../host/secret-box.ts';
import { invalid } from '../../rules/errors.ts';
import { lanAddress } from '../../rules/lan-address.ts';
import type { ConnectionRow } from './connections.store.ts';

/** One relay on the local network. A password left out keeps the one that is set; null or empty takes it away. */
export type LanDevice = { address: string; password?: string | null };

const purpose = 'connection';
const most = 200;

/** Addresses lie in the open, passwords sealed beside them. */
export function splitLan(
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

export function joinLan(row: ConnectionRow, box: SecretBox): { address: string; password?: string }[] {
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
