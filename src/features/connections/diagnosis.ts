import type { Hardware, HardwareVendor, LockVendor } from '../../drivers/port.ts';
import { assertNever } from '../../rules/assert-never.ts';

/**
 * Whose trouble it is, and a sentence that a person can act on. `ours`: what is set up here. `network`: the way there.
 * `vendor`: the service at the other end. `device`: the thing itself.
 */
export type Fault = 'ours' | 'network' | 'vendor' | 'device';
export type Diagnosis = { fault: Fault; error: string };

/** The answer to "does it work?", with the facts. */
export type Tested<Facts> = ({ ok: true } | ({ ok: false } & Diagnosis)) & { details: Facts };

/** Those with relays; of locks speaks lock-diagnosis. */
export type RelayVendor = Exclude<HardwareVendor, LockVendor>;

/** Why nothing could be listed at all. `reason`: the driver's; `detail`: its words. */
export function whyNothing(vendor: RelayVendor, reason: unknown, detail: string): Diagnosis {
  switch (vendor) {
    case 'shelly-cloud':
      return cloudTrouble(reason, detail);
    case 'shelly-mqtt':
      return brokerTrouble(reason, detail);
    case 'shelly-lan':
      return relayTrouble(reason, detail);
    case 'shelly-websocket':
      return { fault: 'ours', error: `The relays that have dialled in could not be asked. Try again. (${detail})` };
    default:
      return assertNever(vendor);
  }
}

function cloudTrouble(reason: unknown, detail: string): Diagnosis {
  switch (reason) {
    case 'credentials':
      return {
        fault: 'ours',
        error: `Shelly Cloud does not accept the auth key. Copy it again from the Shelly app (User settings, Authorization cloud key): it changes with the account's password. (${detail})`,
      };
    case 'unreachable':
      return {
        fault: 'network',
        error: `The server could not be asked. Check its address (the Shelly app names it beside the key) and this machine's way to the internet. (${detail})`,
      };
    case 'busy':
      return {
        fault: 'vendor',
        error: `Shelly Cloud takes one request a second for an account, and others are using it up. Try again in a minute; another program may share the key. (${detail})`,
      };
    default:
      return {
        fault: 'vendor',
        error: `Shelly Cloud did not answer as it should. Check that the server is the one that the Shelly app names; if it is, try again later. (${detail})`,
      };
  }
}

/** Of the broker itself: that relays on it do not answer is found out of each. */
function brokerTrouble(reason: unknown, detail: string): Diagnosis {
  switch (reason) {
    case 'credentials':
      return {
        fault: 'ours',
        error: `The broker does not accept the user name and password that are set here, or does not let them read. (${detail})`,
      };
    case 'unreachable':
      return {
        fault: 'network',
        error: `The broker cannot be reached. Check that it runs, its address, and the way there from this machine. (${detail})`,
      };
    default:
      return { fault: 'vendor', error: `The broker did not answer as it should. Try again later. (${detail})` };
  }
}

function relayTrouble(reason: unknown, detail: string): Diagnosis {
  switch (reason) {
    case 'credentials':
      return { fault: 'ours', error: `A relay does not accept the password that is set here. (${detail})` };
    case 'unreachable':
      return {
        fault: 'device',
        error: `No relay answers. Check that they have power and network, and that their addresses are still the same. (${detail})`,
      };
    default:
      return { fault: 'device', error: `What answers is no relay that can be used. (${detail})` };
  }
}

export type Asked = {
  vendor: RelayVendor;
  found: readonly Hardware[];
  /** shelly-lan: those that are set. */
  addresses?: readonly string[];
  /** shelly-websocket: what relays have to dial. */
  dialUrl?: string;
};

/** What an answer of the hardware comes to; `away` null: all of it answers. */
export function judged(asked: Asked): { online: number; offline: number; away: Diagnosis | null } {
  const { online, offline: silent } = counted(asked.found);
  const offline = Math.max(silent, deadAddresses(asked, ({ online: answers }) => answers).length);
  if (online + offline === 0) return { online, offline, away: whereNobodyIs(asked) };
  return { online, offline, away: offline === 0 ? null : whoIsAway(asked, online) };
}

/** Everything is as it should be on our side, and no relay has ever come. */
function whereNobodyIs({ vendor, dialUrl = '' }: Asked): Diagnosis | null {
  switch (vendor) {
    case 'shelly-mqtt':
      return {
        fault: 'device',
        error:
          'The broker answers, but no relay has been heard of on it. In each relay switch MQTT on with the address of this broker, keep "RPC over MQTT" on, and restart it; where its prefix was changed, name the prefix in topics.',
      };
    case 'shelly-websocket':
      return {
        fault: 'device',
        error: `No relay has dialled in yet. Set this address in each relay (Settings, Outbound WebSocket), and restart it: ${dialUrl}`,
      };
    case 'shelly-lan':
      return { fault: 'ours', error: 'No address is set: list the addresses of the relays.' };
    case 'shelly-cloud':
      return null; // the account works: that is what was asked
    default:
      return assertNever(vendor);
  }
}

function whoIsAway(asked: Asked, online: number): Diagnosis {
  const away = asked.found.filter((thing) => !thing.online);
  const refusing = away.filter(({ trouble }) => trouble?.reason === 'credentials');
  const refused = counted(refusing).offline;
  const silent = away.filter((thing) => !refusing.includes(thing));
  const dead = deadAddresses(asked, (thing) => !silent.includes(thing));
  const rest = Math.max(counted(silent).offline, dead.length);
  const said = [
    ...(refused === 0
      ? []
      : [
          `${named(refusing)} ${refused === 1 ? 'does' : 'do'} not accept the password that is set here. (${refusing[0]?.trouble?.detail})`,
        ]),
    ...(rest === 0 ? [] : [silence(asked, { silent, dead, rest, online, refused })]),
  ];
  return { fault: refused === 0 ? 'device' : 'ours', error: said.join(' ') };
}

/** Those at which nothing of these was found. */
function deadAddresses({ addresses = [], found }: Asked, counts: (thing: Hardware) => boolean): string[] {
  const good = new Set(found.filter(counts).flatMap((thing) => thing.addresses ?? []));
  return addresses.filter((address) => !good.has(address));
}

type Silence = { silent: readonly Hardware[]; dead: readonly string[]; rest: number; online: number; refused: number };

function silence({ vendor, addresses = [], dialUrl = '' }: Asked, o: Silence): string {
  const { silent, dead, rest, online, refused } = o;
  const some = named(silent);
  const whose = (address: string): string => {
    const known = silent.find((thing) => thing.addresses?.includes(address) === true);
    return known === undefined ? address : `${address} (${named([known])})`;
  };
  const most = online + refused + rest;
  switch (vendor) {
    case 'shelly-lan':
      return dead.length > 0
        ? `${dead.length} of ${addresses.length} addresses do not answer as they should: ${enough(dead.map(whose))}. Check power and Wi-Fi there, and that it is still the relay's address.`
        : `${some} cannot be found at any of the addresses: add the one that it has now.`;
    case 'shelly-cloud':
      return `The account works, but ${rest} of ${most} relays are offline: ${some}. Check their power and Wi-Fi.`;
    case 'shelly-mqtt':
      return `The broker answers, but ${rest} of ${most} relays on it do not: ${some}. Check their power and Wi-Fi, and that "RPC over MQTT" is on.`;
    case 'shelly-websocket':
      return online === 0
        ? `No relay that has dialled in before is connected now: ${some}. Check their power and their way to the internet, and that this address is set in them: ${dialUrl}`
        : `${rest} of ${most} relays are not connected now: ${some}. Check their power and their way to the internet.`;
    default:
      return assertNever(vendor);
  }
}

function named(things: readonly Hardware[]): string {
  return enough([...new Set(things.map(({ name, ref }) => name ?? ref.hardwareId))]);
}

const enough = (names: readonly string[]): string =>
  names.length > 5 ? `${names.slice(0, 5).join(', ')} …` : names.join(', ');

/** How many things answer, and how many do not. */
function counted(found: readonly Hardware[]): { online: number; offline: number } {
  const of = (online: boolean): number =>
    new Set(found.filter((thing) => thing.online === online).map(({ ref }) => ref.hardwareId)).size;
  return { online: of(true), offline: of(false) };
}
