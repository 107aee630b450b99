/** Locks and gateways as they are asked for, made into what is remembered of them. */
import { createHash } from 'node:crypto';
import type { Store } from '../store.ts';
import { type LockData, noCounts, noPassage, type Reach, type Rights } from './lock-data.ts';
import type { GatewayData } from './radio.ts';

export type GatewaySpec = { name: string; gatewayId?: number };
export type LockSpec = {
  name: string;
  lockId?: number;
  /** The name of the gateway nearby. */
  gateway?: string;
  /** When absent: by the gateway where there is one, else by nothing but a phone's bluetooth. */
  reach?: Reach;
  rights?: Rights;
  keypad?: boolean; // default true
  camera?: boolean; // default true
  zoneOffsetMinutes?: number; // of its own clock, default 0
  autoLockSeconds?: number; // default 5; 0: never
  battery?: number; // percent, default 90
  drainPerTurn?: number; // percent, default 0.02
  capacity?: number; // custom codes, default 250
};

function numberOf(text: string, span: number): number {
  return createHash('sha256').update(text).digest().readUInt32BE() % span;
}

function macOf(text: string): string {
  const hex = createHash('sha256').update(`mac ${text}`).digest('hex').slice(0, 12).toUpperCase();
  return hex.match(/../g)?.join(':') ?? hex;
}

export function gatewayFrom(spec: GatewaySpec, seed: string, store: Store): GatewayData {
  const gatewayId = spec.gatewayId ?? 70_000 + numberOf(`${seed} gateway ${spec.name}`, 20_000);
  const known = store.table<GatewayData>('gateways').get(String(gatewayId));
  const fresh = { gatewayId, name: spec.name, mac: macOf(spec.name), online: true, busy: false };
  return { ...fresh, ...known, name: spec.name };
}

/** What the lock is follows the list; what it remembers is remembered. */
export function lockFrom(spec: LockSpec, gateways: GatewayData[], seed: string, store: Store, now: number): LockData {
  const gateway = spec.gateway === undefined ? null : gateways.find(({ name }) => name === spec.gateway);
  if (gateway === undefined) throw new Error(`there is no simulated gateway called ${spec.gateway}`);
  const lockId = spec.lockId ?? 7_000_000 + numberOf(`${seed} lock ${spec.name}`, 2_000_000);
  const mac = macOf(`${seed} ${spec.name}`);
  const battery = spec.battery ?? 90;
  const fresh: Omit<LockData, keyof ReturnType<typeof settled>> = {
    initializedAt: now,
    conditions: [],
    locked: true,
    autoLockSeconds: spec.autoLockSeconds ?? 5,
    autoLockAt: null,
    battery,
    written: [],
    random: [],
    passage: noPassage(),
    inPassage: false,
    settledAt: now,
    wrongTries: [],
    keypadLockedUntil: 0,
    unsent: [],
    counts: noCounts(),
    cloud: { battery: Math.round(battery), passage: noPassage() },
  };
  const settled = () => ({
    lockId,
    name: spec.name,
    bluetoothName: `S31_${mac.replaceAll(':', '').slice(-6).toLowerCase()}`,
    mac,
    reach: spec.reach ?? (gateway === null ? ('bluetooth' as const) : ('gateway' as const)),
    gatewayId: gateway?.gatewayId ?? null,
    rights: spec.rights ?? ('admin' as const),
    hasKeypad: spec.keypad ?? true,
    hasCamera: spec.camera ?? true,
    zoneOffsetMs: (spec.zoneOffsetMinutes ?? 0) * 60_000,
    capacity: spec.capacity ?? 250,
    drainPerTurn: spec.drainPerTurn ?? 0.02,
  });
  return { ...fresh, ...store.table<LockData>('locks').get(String(lockId)), ...settled() };
}
