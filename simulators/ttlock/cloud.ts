/** What the platform keeps: codes, QR codes and records, and what it believes of each lock. */
import type { SimulatorClock } from '../clock.ts';
import type { Store, Table } from '../store.ts';
import { isDead } from './bolt.ts';
import { Refusal } from './errors.ts';
import type { Stretch } from './local-time.ts';
import { createLock, type Lock } from './lock.ts';
import type { LockData, LockEvent } from './lock-data.ts';
import type { GatewayData } from './radio.ts';

/** `deleted`: the platform forgets no id, so that deleting again is well. */
export type CodeRow = {
  keyboardPwdId: number;
  lockId: number;
  digits: string;
  name: string | null;
  type: number;
  isCustom: boolean;
  startDate: number;
  endDate: number; // 0: none
  sendDate: number;
  deleted: boolean;
};
export type QrRow = {
  qrCodeId: number;
  lockId: number;
  number: number;
  type: 1 | 2 | 4;
  name: string | null;
  startDate: number | null;
  endDate: number | null;
  stretches: Stretch[] | null;
  refreshMinutes: number;
  createDate: number;
  token: string; // of its page
};
export type RecordRow = LockEvent & { recordId: number; lockId: number; serverDate: number; electricQuantity: number };

export type Cloud = {
  locks: Map<number, Lock>;
  gateways: Map<number, GatewayData>;
  codes: Table<CodeRow>;
  qrs: Table<QrRow>;
  records: Table<RecordRow>;
  gatewayOf(lock: Lock): GatewayData | null;
  next(what: 'code' | 'qr' | 'record' | 'qr number'): number;
  addLock(data: LockData): Lock;
  saveGateway(gateway: GatewayData): void;
  /** Time does its work on every lock. */
  settle(): void;
  commit(): void;
};

const MOST_UNSENT = 500;
const MOST_RECORDS = 5000;
const firstIds = { code: 3_234_000, qr: 34_000, record: 1_628_522_000, 'qr number': 0 };

export function createCloud(o: {
  store: Store;
  clock: SimulatorClock;
  seed: string;
  /** New records have come from a lock. */
  tell: (lock: Lock, rows: RecordRow[]) => void;
}): Cloud {
  const { store } = o;
  const saved = store.table<LockData>('locks');
  const savedGateways = store.table<GatewayData>('gateways');
  const counters = store.table<number>('counters');
  const locks = new Map<number, Lock>();
  const gateways = new Map<number, GatewayData>();
  const codes = store.table<CodeRow>('codes');
  const records = store.table<RecordRow>('records');

  function next(what: keyof typeof firstIds): number {
    const id = (counters.get(what) ?? firstIds[what]) + 1;
    counters.put(what, id);
    return id;
  }

  /** Whether records come up from the lock at once. They wait in it until then. */
  function hears(lock: Lock): boolean {
    if (isDead(lock.data)) return false;
    if (lock.data.reach === 'wifi') return !lock.has('offline') && !lock.has('no-network');
    return gatewayOf(lock)?.online === true && !lock.has('out-of-range');
  }
  const gatewayOf = (lock: Lock): GatewayData | null => gateways.get(lock.data.gatewayId ?? -1) ?? null;

  function nameOf(lockId: number, event: LockEvent): string | null {
    if (event.type !== 4) return event.username;
    const known = codes.all().findLast((row) => row.lockId === lockId && row.digits === event.keyboardPwd);
    return known?.name ?? event.username;
  }

  function fetchRecords(lock: Lock): RecordRow[] {
    const { data } = lock;
    const electricQuantity = Math.round(data.battery);
    const rows = data.unsent.splice(0).map((event): RecordRow => {
      const username = nameOf(data.lockId, event);
      const ids = { recordId: next('record'), lockId: data.lockId };
      return { ...event, ...ids, username, serverDate: o.clock.now(), electricQuantity };
    });
    for (const row of rows) records.put(String(row.recordId), row);
    for (const old of records.all().slice(0, Math.max(0, records.size() - MOST_RECORDS)))
      records.drop(String(old.recordId));
    if (rows.length > 0) data.cloud.battery = electricQuantity;
    return rows;
  }

  function changed(lock: Lock): void {
    const { data } = lock;
    data.unsent = data.unsent.slice(-MOST_UNSENT);
    const rows = hears(lock) ? fetchRecords(lock) : [];
    saved.put(String(data.lockId), data);
    store.commit();
    if (rows.length > 0) o.tell(lock, rows);
  }

  return {
    locks,
    gateways,
    codes,
    qrs: store.table<QrRow>('qr codes'),
    records,
    gatewayOf,
    next,
    addLock(data) {
      const lock = createLock(data, { seed: o.seed, clock: o.clock, changed });
      locks.set(data.lockId, lock);
      return lock;
    },
    saveGateway(gateway) {
      gateways.set(gateway.gatewayId, gateway);
      savedGateways.put(String(gateway.gatewayId), gateway);
      for (const lock of locks.values()) if (gatewayOf(lock) === gateway) lock.save();
      store.commit();
    },
    settle() {
      for (const lock of locks.values()) lock.settle();
    },
    commit: () => store.commit(),
  };
}

/** The lock of a call, if the account may do that with it. */
export function lockOf(cloud: Cloud, lockId: number, needs: 'admin' | 'ekey'): Lock {
  const lock = cloud.locks.get(lockId);
  if (lock === undefined) throw new Refusal(-1003);
  if (lock.data.rights === 'none') throw new Refusal(20002);
  if (needs === 'admin' && lock.data.rights !== 'admin') throw new Refusal(-2018);
  lock.settle();
  return lock;
}
