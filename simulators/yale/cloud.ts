/** What the cloud keeps: codes, activities, and what it believes of each lock. It hears of a lock through its bridge alone. */
import type { SimulatorClock } from '../clock.ts';
import type { Store, Table } from '../store.ts';
import { createLock, type Lock } from './lock.ts';
import type { BridgeData, LockData, LockEvent, PinRow } from './lock-data.ts';

export type Activity = LockEvent & { id: string; lockId: string };
/** A change as subscribers hear it. */
export type Change = { lockID: string } & Record<string, unknown>;

export type Cloud = {
  locks: Map<string, Lock>;
  bridges: Map<string, BridgeData>;
  pins: Table<PinRow>;
  activities: Table<Activity>;
  bridgeOf(lock: Lock): BridgeData | null;
  /** Whether what happens at the lock is heard at once. */
  hears(lock: Lock): boolean;
  next(what: string): number;
  addLock(data: LockData): Lock;
  saveBridge(bridge: BridgeData): void;
  settle(): void;
  commit(): void;
};

const MOST_ACTIVITIES = 5000;
const pseudoUsers: Record<string, string> = {
  manual_lock: 'manuallock',
  manual_unlock: 'manualunlock',
  auto_lock: 'autorelock',
  dooropen: 'DoorStateChanged',
  doorclosed: 'DoorStateChanged',
};

export const statusOf = ({ data, has }: Lock): string =>
  has('jammed') || has('uncalibrated') ? 'unknown' : data.locked ? 'locked' : 'unlocked';

export function createCloud(o: { store: Store; clock: SimulatorClock; tell: (change: Change) => void }): Cloud {
  const { store, clock } = o;
  const saved = store.table<LockData>('locks');
  const savedBridges = store.table<BridgeData>('bridges');
  const counters = store.table<number>('counters');
  const activities = store.table<Activity>('activities');
  const locks = new Map<string, Lock>();
  const bridges = new Map<string, BridgeData>();

  const bridgeOf = ({ data }: Lock): BridgeData | null => bridges.get(data.bridgeId ?? '') ?? null;
  const hears = (lock: Lock): boolean =>
    bridgeOf(lock)?.online === true && !lock.has('silent') && lock.data.battery > 0;

  function next(what: string): number {
    const number = (counters.get(what) ?? 0) + 1;
    counters.put(what, number);
    return number;
  }

  function hear(lock: Lock): void {
    const { data } = lock;
    const { cloud } = data;
    for (const event of data.unsent.splice(0)) {
      const id = `act${String(next('activity')).padStart(8, '0')}`;
      activities.put(id, { ...event, id, lockId: data.lockId });
      const callingUserID = event.userId ?? pseudoUsers[event.action] ?? 'manualunlock';
      const doorState = data.hasDoorSensor ? { doorState: data.doorOpen ? 'open' : 'closed' } : {};
      o.tell({ lockID: data.lockId, status: statusOf(lock), callingUserID, ...doorState });
    }
    for (const old of activities.all().slice(0, Math.max(0, activities.size() - MOST_ACTIVITIES)))
      activities.drop(old.id);
    const status = statusOf(lock);
    if (cloud.status !== status || cloud.doorOpen !== data.doorOpen) cloud.dateTime = clock.now();
    Object.assign(cloud, { status, doorOpen: data.doorOpen, battery: data.battery, batteryAt: clock.now() });
  }

  function changed(lock: Lock): void {
    if (hears(lock)) hear(lock);
    saved.put(lock.data.lockId, lock.data);
    store.commit();
  }

  return {
    locks,
    bridges,
    pins: store.table<PinRow>('pins'),
    activities,
    bridgeOf,
    hears,
    next,
    addLock(data) {
      const lock = createLock(data, { clock, changed });
      locks.set(data.lockId, lock);
      return lock;
    },
    saveBridge(bridge) {
      bridges.set(bridge.bridgeId, bridge);
      savedBridges.put(bridge.bridgeId, bridge);
      for (const lock of locks.values()) if (bridgeOf(lock) === bridge) lock.save();
      store.commit();
    },
    settle() {
      for (const lock of locks.values()) lock.settle();
    },
    commit: () => store.commit(),
  };
}
