import type { Clock } from '../host/clock.ts';
import type { LockDriver } from './lock-port.ts';
import type { Driver } from './port.ts';

const detail = 'nothing on this connection can be switched: it has locks alone';

/** The driver of a vendor of locks: it lists and drives no relays. */
export function noRelays(locks: LockDriver, clock: Clock): Driver {
  return {
    describe: () => ({ canSwitch: false, hasAutoOff: false, readsPower: false }),
    list: async () => [],
    perform: async () => ({ kind: 'refused', reason: 'unsupported', detail }),
    observe: async () => ({ kind: 'unreachable', reason: 'unsupported', why: detail, at: clock.now() }),
    locks,
  };
}
