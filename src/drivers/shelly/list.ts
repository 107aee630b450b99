import type { Hardware } from '../port.ts';
import type { ShellyAddress } from './address.ts';
import { faultOf, type Trouble } from './judge.ts';

/**
 * Every relay channel behind the configured addresses, one entry a channel. A device that does not answer now is shown
 * as offline when it was ever seen, else left out; a device without relays is left out. Throws VendorFault when every
 * address fails: of what each of them said.
 */
export async function listHardware(addresses: ShellyAddress[], signal: AbortSignal): Promise<Hardware[]> {
  const asked = await Promise.all(addresses.map(async (address) => at(address.text, await ask(address, signal))));
  const faults = asked.flatMap((one) => (one.trouble === null ? [] : [one.trouble]));
  const [fault] = faults;
  if (fault !== undefined && faults.length === addresses.length) throw faultOf(oneOf(fault, faults));
  return merged(asked);
}

const at = (text: string, { hardware, trouble }: Asked): Asked => ({
  hardware: hardware.map((one) => ({ ...one, addresses: [text] })),
  trouble,
});

const mostTold = 5;

/** One that asks for another password is there: that is told first. */
function oneOf(first: Trouble, all: readonly Trouble[]): Trouble {
  const worst = all.find(({ reason }) => reason === 'credentials') ?? first;
  const details = [...new Set([worst, ...all].map(({ detail }) => detail))];
  const told = details.slice(0, mostTold).join('; ');
  return { ...worst, detail: details.length > mostTold ? `${told} …` : told };
}

/**
 * The same where the way itself is known to be open (a broker, a socket): that none of them answers is then the trouble
 * of each, so all are shown as offline, and why. `known`: what is shown of one that was never seen.
 */
export async function listBehind(
  addresses: ShellyAddress[],
  signal: AbortSignal,
  known: (address: ShellyAddress) => Hardware[] = () => [],
): Promise<Hardware[]> {
  const asked = await Promise.all(
    addresses.map(async (address) => {
      const one = await ask(address, signal);
      return one.hardware.length > 0 || one.trouble === null ? one : { ...one, hardware: known(address) };
    }),
  );
  return merged(asked);
}

const why = (hardware: Hardware, trouble: Trouble | null): Hardware =>
  trouble === null ? hardware : { ...hardware, trouble: { reason: trouble.reason, detail: trouble.detail } };

function merged(asked: readonly Asked[]): Hardware[] {
  const all = asked.flatMap(({ hardware, trouble }) => hardware.map((one) => why(one, trouble)));
  const byKey = new Map<string, Hardware>();
  // The same device behind two addresses (its IP and its name) is one; what answers wins.
  for (const hardware of all.sort((a, b) => Number(a.online) - Number(b.online))) {
    const key = `${hardware.ref.hardwareId}/${hardware.ref.channel}`;
    byKey.set(key, alsoAt(hardware, byKey.get(key)));
  }
  return [...byKey.values()].sort(byRef);
}

/** Of two that answer both addresses count; one that is silent was there before. */
function alsoAt(hardware: Hardware, other: Hardware | undefined): Hardware {
  if (hardware.addresses === undefined || other?.online !== hardware.online) return hardware;
  return { ...hardware, addresses: [...(other.addresses ?? []), ...hardware.addresses] };
}

type Asked = { hardware: Hardware[]; trouble: Trouble | null };

async function ask(address: ShellyAddress, signal: AbortSignal): Promise<Asked> {
  const identity = await address.identify(signal);
  if (identity.kind === 'trouble') return { hardware: remembered(address, false), trouble: identity };
  const channels = await address.channels(signal);
  if (channels.kind === 'trouble') return { hardware: remembered(address, false), trouble: channels };
  return { hardware: remembered(address, true), trouble: null };
}

function remembered(address: ShellyAddress, online: boolean): Hardware[] {
  const known = address.remembered();
  if (known === null) return [];
  const { info, channels, counted } = known;
  return channels.map((channel) => ({
    ref: { hardwareId: info.id, channel },
    kind: 'relay',
    name: info.name,
    model: info.model,
    firmware: info.firmware,
    channelCount: counted ? channels.length : null,
    online,
  }));
}

function byRef(a: Hardware, b: Hardware): number {
  if (a.ref.hardwareId !== b.ref.hardwareId) return a.ref.hardwareId < b.ref.hardwareId ? -1 : 1;
  return a.ref.channel - b.ref.channel;
}
