import type { LockHardware } from '../../drivers/lock-port.ts';
import type { HardwareVendor, LockVendor } from '../../drivers/port.ts';
import type { Diagnosis } from './diagnosis.ts';

/** Each vendor's name, where its server is chosen, and where its limits are told. */
const words: Record<LockVendor, { name: string; server: string; limits: string }> = {
  ttlock: {
    name: 'TTLock',
    server: 'the server (euapi.ttlock.com, or cnapi.ttlock.com for accounts of China)',
    limits: 'look at the limits of the application at its open platform',
  },
  yale: { name: 'Yale', server: 'the server and the family (yale or august)', limits: 'ask less often' },
};

export const hasLocks = (vendor: HardwareVendor): vendor is LockVendor => vendor in words;

/** Why the locks of an account could not be listed. `reason`: the driver's; `detail`: its words, which say what is wrong. */
export function whyNoLocks(vendor: LockVendor, reason: unknown, detail: string): Diagnosis {
  const { name, server, limits } = words[vendor];
  switch (reason) {
    case 'credentials':
      return { fault: 'ours', error: `What is set up here does not work: ${detail}.` };
    case 'unreachable':
      return {
        fault: 'network',
        error: `${name} could not be asked. Check ${server} and this machine's way to the internet. (${detail})`,
      };
    case 'busy':
      return {
        fault: 'vendor',
        error: `${name} does not answer now: try again later, or ${limits}. (${detail})`,
      };
    default:
      return { fault: 'vendor', error: `${name} did not answer as it should. Try again later. (${detail})` };
  }
}

/** Whether something stands between us and it that is known to be away. What only phones reach is not away. */
export const isAway = ({ bridge }: LockHardware): boolean => bridge?.online === false;

/** What a list of locks comes to; `away` null: nothing is known to be away. */
export function judgedLocks(found: readonly LockHardware[]) {
  const cut = found.filter(isAway);
  const counted = { locks: found.length, online: found.length - cut.length, offline: cut.length };
  return { ...counted, away: cut.length === 0 ? null : bridgesAway(cut, found.length) };
}

function bridgesAway(cut: readonly LockHardware[], all: number): Diagnosis {
  const names = cut.map(({ name }) => name);
  const some = names.length > 5 ? `${names.slice(0, 5).join(', ')} …` : names.join(', ');
  const error = `The account works, but ${cut.length} of ${all} locks cannot be reached, as their gateway is offline: ${some}. Check its power and its network.`;
  return { fault: 'device', error };
}
