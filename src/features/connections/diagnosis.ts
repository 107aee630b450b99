import type { Hardware, HardwareVendor } from '../../drivers/port.ts';

/**
 * Whose trouble it is, and a sentence that a person can act on. `ours`: what is set up here. `network`: the way there.
 * `vendor`: the service at the other end. `device`: the thing itself.
 */
export type Fault = 'ours' | 'network' | 'vendor' | 'device';
export type Diagnosis = { fault: Fault; error: string };

/** The answer to "does it work?", with the facts. */
export type Tested<Facts> = ({ ok: true } | ({ ok: false } & Diagnosis)) & { details: Facts };

/** Why nothing could be listed at all. `reason`: the driver's; `detail`: its words. */
export function whyNothing(vendor: HardwareVendor, reason: unknown, detail: string): Diagnosis {
  if (vendor === 'shelly-cloud') return cloudTrouble(reason, detail);
  return vendor === 'shelly-mqtt' ? brokerTrouble(reason, detail) : relayTrouble(reason, detail);
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
      return { fault: 'vendor', error: `Shelly Cloud did not answer as it should. Try again later. (${detail})` };
  }
}

function brokerTrouble(reason: unknown, detail: string): Diagnosis {
  if (reason === 'credentials') {
    const error = `The broker, or a relay on it, does not accept the password that is set here. (${detail})`;
    return { fault: 'ours', error };
  }
  if (reason !== 'unreachable') return relayTrouble(reason, detail);
  return {
    fault: 'network',
    error: `Nothing answers by way of the broker. Check that it runs, its address, and that the relays are on it. (${detail})`,
  };
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

/** Some of it is away; null: all of it answers. `most`: of how many. */
export function whoIsAway(
  vendor: HardwareVendor,
  found: readonly Hardware[],
  offline: number,
  most: number,
): Diagnosis | null {
  if (offline === 0) return null;
  if (vendor === 'shelly-lan') {
    return { fault: 'device', error: `${offline} of ${most} addresses do not answer as they should` };
  }
  const names = new Set(found.filter(({ online }) => !online).map(({ name, ref }) => name ?? ref.hardwareId));
  const some = [...names].slice(0, 5).join(', ');
  return {
    fault: 'device',
    error: `The connection works, but ${offline} of ${most} relays are offline: ${some}. Check their power and Wi-Fi.`,
  };
}

/** How many things answer, and how many do not. */
export function counted(found: readonly Hardware[]): { online: number; offline: number } {
  const of = (online: boolean): number =>
    new Set(found.filter((thing) => thing.online === online).map(({ ref }) => ref.hardwareId)).size;
  return { online: of(true), offline: of(false) };
}
