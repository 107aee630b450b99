/** How the cloud reaches a lock: through its bridge, one command at a time. */
import { pause } from '../clock.ts';
import type { Cloud } from './cloud.ts';
import { type HardwareTrouble, troubled } from './errors.ts';
import type { Lock } from './lock.ts';

export type Radio = {
  /** Throws a Refusal when the lock cannot be reached. `tries`: how often a silent lock is called. */
  reach<T>(lock: Lock, tries: number, work: () => T): Promise<T>;
  /** As above, but waits for its turn where the bridge is busy with another command of ours. */
  inTurn<T>(lock: Lock, work: () => T): Promise<T>;
};

export function createRadio(o: { cloud: Cloud; airMs: number; silentMs: number }): Radio {
  const lanes = new Map<string, Promise<unknown>>();

  function obstacle(lock: Lock): HardwareTrouble | null {
    const bridge = o.cloud.bridgeOf(lock);
    if (bridge === null) return 'no-bridge';
    if (!bridge.online) return 'bridge-offline';
    if (bridge.busy) return 'pending';
    return lock.has('bluetooth-busy') ? 'bluetooth-busy' : null;
  }

  async function spoken<T>(lock: Lock, tries: number, work: () => T): Promise<T> {
    const no = obstacle(lock);
    if (no !== null) throw troubled(no);
    const mute = (): boolean => lock.has('silent') || lock.data.battery <= 0;
    for (let n = 1; mute(); n++) {
      if (n > tries) throw troubled('silent');
      await pause(o.silentMs);
    }
    await pause(o.airMs);
    if (o.cloud.bridgeOf(lock)?.online !== true) throw troubled('bridge-offline');
    return work();
  }

  async function occupying<T>(lane: string, work: () => Promise<T>): Promise<T> {
    const mine = work();
    lanes.set(lane, mine);
    try {
      return await mine;
    } finally {
      if (lanes.get(lane) === mine) lanes.delete(lane);
    }
  }

  const laneOf = ({ data }: Lock): string => data.bridgeId ?? data.lockId;

  return {
    async reach(lock, tries, work) {
      const no = obstacle(lock);
      if (no === null && lanes.has(laneOf(lock))) throw troubled('pending');
      return occupying(laneOf(lock), () => spoken(lock, tries, work));
    },
    async inTurn(lock, work) {
      for (let before = lanes.get(laneOf(lock)); before !== undefined; before = lanes.get(laneOf(lock))) {
        await before.catch(() => undefined);
      }
      return occupying(laneOf(lock), () => spoken(lock, 1, work));
    },
  };
}
