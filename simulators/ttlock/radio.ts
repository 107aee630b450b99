/** How the platform reaches a lock: through one gateway, or by the lock's own WiFi; one command at a time. */
import { pause } from '../clock.ts';
import { isDead } from './bolt.ts';
import { type ErrorCode, Refusal } from './errors.ts';
import type { Lock } from './lock.ts';

export type GatewayData = {
  gatewayId: number;
  name: string;
  mac: string;
  online: boolean;
  /** Somebody else keeps it busy. */
  busy: boolean;
};

export type Radio = {
  /** null: now. Else what the platform would say. */
  obstacle(lock: Lock): ErrorCode | null;
  /** Throws a Refusal when the lock cannot be reached, or no longer can be when its turn in the air comes. */
  reach<T>(lock: Lock, work: () => T): Promise<T>;
};

export function createRadio(o: {
  gatewayOf: (lock: Lock) => GatewayData | null;
  /** What a command takes in the air, in real milliseconds. */
  airMs: () => number;
  slowMs: number;
}): Radio {
  const lanes = new Set<string>();

  function unreachable(lock: Lock): ErrorCode | null {
    if (lock.data.reach === 'wifi') {
      if (lock.has('no-network')) return -3034;
      if (lock.has('power-saving')) return -3035;
      return lock.has('offline') || isDead(lock.data) ? -3036 : null;
    }
    const gateway = o.gatewayOf(lock);
    if (gateway === null || lock.has('out-of-range') || isDead(lock.data)) return -2012;
    return gateway.online ? null : -3002;
  }

  function obstacle(lock: Lock): ErrorCode | null {
    const no = unreachable(lock);
    if (no !== null) return no;
    if (lock.data.reach === 'wifi') return lock.has('busy') || lanes.has(laneOf(lock)) ? -3037 : null;
    return o.gatewayOf(lock)?.busy === true || lanes.has(laneOf(lock)) ? -3003 : null;
  }

  const laneOf = (lock: Lock): string => {
    const gateway = lock.data.reach === 'wifi' ? null : o.gatewayOf(lock);
    return gateway === null ? `lock ${lock.data.lockId}` : `gateway ${gateway.gatewayId}`;
  };

  return {
    obstacle,
    async reach(lock, work) {
      const no = obstacle(lock);
      if (no !== null) throw new Refusal(no);
      const lane = laneOf(lock);
      lanes.add(lane);
      try {
        await pause(lock.has('slow') ? o.slowMs : o.airMs());
        const lost = unreachable(lock);
        if (lost !== null) throw new Refusal(lost);
        return work();
      } finally {
        lanes.delete(lane);
      }
    },
  };
}
