import type { Hardware } from '../port.ts';
import type { ShellyAddress } from './address.ts';
import { faultOf, type Trouble } from './judge.ts';

/**
 * Every relay channel behind the configured addresses, one entry a channel. A device that does not answer now is shown
 * as offline when it was ever seen, else left out; a device without relays is left out. Throws VendorFault when every
 * address fails.
 */
export async function listHardware(addresses: ShellyAddress[], signal: AbortSignal): Promise<Hardware[]> {
  const asked = await Promise.all(addresses.map((address) => ask(address, signal)));
  const faults = asked.flatMap((one) => (one.trouble === null ? [] : [one.trouble]));
  const [fault] = faults;
  if (fault !== undefined && faults.length === addresses.length) {
    throw faultOf(fault);
  }
  const byKey = new Map<string, Hardware>();
  // The same device behind two addresses (its IP and its name) is one; what answers wins.
  for (const hardware of asked.flatMap((one) => one.hardware).sort((a, b) => Number(a.online) - Number(b.online))) {
    byKey.set(`${hardware.ref.hardwareId}/${hardware.ref.channel}`, hardware);
  }
  return [...byKey.values()].sort(byRef);
}

async function ask(
  address: ShellyAddress,
  signal: AbortSignal,
): Promise<{ hardware: Hardware[]; trouble: Trouble | null }> {
  const identity = await address.identify(signal);
  if (identity.kind === 'trouble') return { hardware: remembered(address, false), trouble: identity };
  const channels = await address.channels(signal);
  if (channels.kind === 'trouble') return { hardware: remembered(address, false), trouble: channels };
  return { hardware: remembered(address, true), trouble: null };
}

function remembered(address: ShellyAddress, online: boolean): Hardware[] {
  const known = address.remembered();
  if (known === null) return [];
  const { info, channels } = known;
  return channels.map((channel) => ({
    ref: { hardwareId: info.id, channel },
    kind: 'relay',
    name: info.name,
    model: info.model,
    firmware: info.firmware,
    channelCount: channels.length,
    online,
  }));
}

function byRef(a: Hardware, b: Hardware): number {
  if (a.ref.hardwareId !== b.ref.hardwareId) return a.ref.hardwareId < b.ref.hardwareId ? -1 : 1;
  return a.ref.channel - b.ref.channel;
}
