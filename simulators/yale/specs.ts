/** Locks and bridges as they are asked for, made into what is remembered of them. */
import { createHash } from 'node:crypto';
import type { Store } from '../store.ts';
import { type BridgeData, type LockData, noCounts } from './lock-data.ts';

export type BridgeSpec = { name: string };
export type LockSpec = {
  name: string;
  /** The name of the bridge nearby; none: reached by phones alone. */
  bridge?: string;
  /** 1: codes that open always, and no others. 17: with a latch. Default 5. */
  type?: number;
  house?: string;
  role?: 'superuser' | 'user'; // of the account; default superuser
  keypad?: boolean; // default true
  doorSensor?: boolean; // default false
  timeZone?: string; // default UTC
  battery?: number; // percent, default 90
  drainPerTurn?: number; // percent, default 0.02
  autoLockSeconds?: number; // default 0: never
};

const hash = (text: string): string => createHash('sha256').update(text).digest('hex');
export const uuidOf = (text: string): string => {
  const hex = hash(text);
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-a${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
};

export function bridgeFrom(spec: BridgeSpec, seed: string, store: Store, now: number): BridgeData {
  const bridgeId = hash(`${seed} bridge ${spec.name}`).slice(0, 24);
  const known = store.table<BridgeData>('bridges').get(bridgeId);
  return { online: true, lastOnline: now, lastOffline: now, busy: false, ...known, bridgeId, name: spec.name };
}

/** What the lock is follows the list; what it remembers is remembered. */
export function lockFrom(spec: LockSpec, bridges: BridgeData[], seed: string, store: Store, now: number): LockData {
  const bridge = spec.bridge === undefined ? null : bridges.find(({ name }) => name === spec.bridge);
  if (bridge === undefined) throw new Error(`there is no simulated bridge called ${spec.bridge}`);
  const lockId = hash(`${seed} yale ${spec.name}`).slice(0, 32).toUpperCase();
  const battery = spec.battery ?? 90;
  const fresh = {
    locked: true,
    doorOpen: false,
    conditions: [],
    battery,
    autoLockAt: null,
    codes: [],
    wrongTries: [],
    keypadLockedUntil: 0,
    unsent: [],
    counts: noCounts(),
    autoLockSeconds: spec.autoLockSeconds ?? 0,
    cloud: { status: 'locked', dateTime: now, doorOpen: false, battery, batteryAt: now },
  };
  const mac = hash(`${seed} mac ${spec.name}`).slice(0, 12).toUpperCase();
  return {
    ...fresh,
    ...store.table<LockData>('locks').get(lockId),
    lockId,
    name: spec.name,
    type: spec.type ?? 5,
    houseId: uuidOf(`${seed} house ${spec.house ?? 'Home'}`),
    bridgeId: bridge?.bridgeId ?? null,
    role: spec.role ?? ('superuser' as const),
    hasKeypad: spec.keypad ?? true,
    hasDoorSensor: spec.doorSensor ?? false,
    timeZone: spec.timeZone ?? 'UTC',
    mac: mac.match(/../g)?.join(':') ?? mac,
    serial: `L${mac.slice(0, 9)}`,
    drainPerTurn: spec.drainPerTurn ?? 0.02,
  };
}
