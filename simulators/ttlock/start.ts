/**
 * TTLock (Sciener) on the wire: the open platform of an account, its virtual locks and gateways, and the people who press
 * digits, show QR codes and turn knobs at them. It speaks to nobody but the address that is told of new records, and
 * imports nothing of src/.
 */
import path from 'node:path';
import { every, pause, type SimulatorClock, systemClock } from '../clock.ts';
import { type Heard, nothingHeard, underWay } from '../heard.ts';
import { type Listening, LOOPBACK, listen } from '../loopback.ts';
import { openStore } from '../store.ts';
import { createTroubles, type Trouble } from '../trouble.ts';
import { type Account, createAccounts } from './account.ts';
import { type ApiRequest, answerApi, sendQrPage } from './api-server.ts';
import type { Context } from './call.ts';
import { createCloud, type RecordRow } from './cloud.ts';
import { createControl } from './control.ts';
import { type ErrorCode, Refusal } from './errors.ts';
import { DAY, MINUTE } from './local-time.ts';
import type { Attempt, Lock } from './lock.ts';
import type { Counts, LockCondition, LockEvent, RandomCode, Reach, WrittenCode } from './lock-data.ts';
import { createPushes, type Push, type PushTrouble } from './push.ts';
import { contentOf } from './qr-calls.ts';
import { createRadio } from './radio.ts';
import { type GatewaySpec, gatewayFrom, type LockSpec, lockFrom } from './specs.ts';

export type { Account } from './account.ts';
export type { ApiRequest } from './api-server.ts';
export type { RecordRow } from './cloud.ts';
export type { ErrorCode } from './errors.ts';
export type { Attempt } from './lock.ts';
export type { Counts, LockCondition, RandomCode, WrittenCode } from './lock-data.ts';
export type { Push, PushTrouble } from './push.ts';
export type { GatewaySpec, LockSpec } from './specs.ts';

export type TtlockOptions = {
  stateDir?: string | null; // null, or absent: remembers nothing after close
  seed?: string;
  clock?: SimulatorClock;
  port?: number;
  account?: Partial<Account>;
  tokenSeconds?: number; // how long an access token is good; default 90 days
  gateways?: GatewaySpec[];
  locks?: LockSpec[];
  airMs?: number; // what a command takes in the air, in real milliseconds; default 30
  slowMs?: number; // and to a slow lock; default 6000
  /** Who is told of new records: set at the developer's console. */
  callbackUrl?: string | null;
  /** What random codes with minutes get: -3, or the hour before. Default: refuse. */
  hourRule?: 'refuse' | 'round';
};
export type LockView = {
  lockId: number;
  name: string;
  reach: Reach;
  gatewayId: number | null;
  hasKeypad: boolean;
  hasCamera: boolean;
  locked: boolean;
  autoLockAt: number | null; // epoch milliseconds
  inPassage: boolean;
  battery: number; // percent
  conditions: LockCondition[];
  keypadLockedUntil: number | null;
  unsent: number; // records that the platform has not heard of
};
export type GatewayView = { gatewayId: number; name: string; online: boolean; busy: boolean };
export type OnLock = { written: WrittenCode[]; random: RandomCode[] };
export type Limits = { perMinute?: number; perMonth?: number };

export type TtlockSimulator = {
  url: string;
  /** The host of the other part of the world: everything there is 30008. */
  otherRegionUrl: string;
  account: Account;
  locks(): LockView[];
  lock(lockId: number): LockView;
  /** The id of the lock with that name. */
  idOf(name: string): number;
  gateways(): GatewayView[];
  /** Somebody types digits and the key that ends them. */
  press(lockId: number, digits: string): Attempt;
  /** Somebody holds a QR code before the camera. */
  scan(lockId: number, content: string): Attempt;
  /** Somebody inside turns the knob; answers whether the bolt moved. */
  turnByHand(lockId: number): boolean;
  /** Somebody writes a code at the keypad: the platform does not know of it. */
  setCodeAtLock(lockId: number, digits: string, times?: { startDate: number; endDate: number }): void;
  deleteCodeAtLock(lockId: number, digits: string): void;
  setBattery(lockId: number, percent: number): void;
  setAutoLock(lockId: number, seconds: number): void;
  setCondition(lockId: number, condition: LockCondition, on: boolean): void;
  setGateway(gatewayId: number, change: { online?: boolean; busy?: boolean }): void;
  onLock(lockId: number): OnLock;
  /** Numbers of the QR codes that the platform has made for it and not deleted. */
  qrCodes(lockId: number): number[];
  counts(lockId: number): Counts;
  /** What the platform was told by this lock, oldest first. */
  records(lockId: number): RecordRow[];
  /** And with what the platform has not heard yet. */
  past(lockId: number): LockEvent[];
  /** For tests of drivers: what happens to requests from now on. `lockId`: only to those about it. Not remembered. */
  trouble(trouble: (Trouble & { lockId?: number; errcode?: ErrorCode }) | null): void;
  heard(): Heard;
  requests(): ApiRequest[];
  revokeTokens(): void;
  expireTokens(): void;
  setTokenSeconds(seconds: number): void;
  changePassword(password: string): void;
  setLimits(limits: Limits): void;
  setCallbackUrl(url: string | null): void;
  callbackUrl(): string | null;
  pushTrouble(trouble: PushTrouble | null): void;
  pushes(): Push[];
  /** Nothing is under way any more: neither a request nor a push. */
  settled(): Promise<void>;
  close(): Promise<void>;
};

const TICK_MS = 50;
const REMEMBERED = 5000;
const usual = { seed: 'keystead', tokenSeconds: 90 * 86_400, airMs: 30, slowMs: 6000 };

export async function startTtlock(options: TtlockOptions): Promise<TtlockSimulator> {
  const { seed, tokenSeconds, airMs, slowMs } = { ...usual, ...options };
  const clock = options.clock ?? systemClock;
  const stateDir = options.stateDir ?? null;
  const store = openStore(stateDir === null ? null : path.join(stateDir, 'ttlock.journal'));
  const lasting = stateDir === null ? null : 'lasting';
  const ports = store.table<number>('ports');
  const accounts = createAccounts({ store, clock, seed, wanted: options.account ?? {}, tokenSeconds });
  const { account } = accounts;
  let callback = options.callbackUrl ?? null;
  const url = () => (accounts.wasUsed() ? callback : null);
  const pushes = createPushes({ clock, admin: account.username, url });
  const cloud = createCloud({ store, clock, seed, tell: pushes.tell });
  const radio = createRadio({ gatewayOf: cloud.gatewayOf, airMs: () => airMs, slowMs });
  const gateways = (options.gateways ?? []).map((spec) => gatewayFrom(spec, seed, store));
  for (const gateway of gateways) cloud.gateways.set(gateway.gatewayId, gateway);
  for (const spec of options.locks ?? []) {
    const data = lockFrom(spec, gateways, seed, store, clock.now());
    if (cloud.locks.has(data.lockId)) throw new Error(`two simulated locks are number ${data.lockId}`);
    cloud.addLock(data);
  }

  const [troubles, heard, limits] = [createTroubles(), nothingHeard(), createLimits(clock)];
  const seen: ApiRequest[] = [];
  let struck: { lockId: number | null; errcode: ErrorCode } = { lockId: null, errcode: 1 };

  function lockNamed(lockId: number): Lock {
    const lock = cloud.locks.get(lockId);
    if (lock === undefined) throw new Error(`there is no simulated lock ${lockId}`);
    lock.settle();
    return lock;
  }

  const records = (lockId: number): RecordRow[] => {
    const { data } = lockNamed(lockId);
    return cloud.records.all().filter((row) => row.lockId === data.lockId);
  };

  const simulator: Omit<TtlockSimulator, 'url' | 'otherRegionUrl' | 'close'> = {
    account,
    locks: () => [...cloud.locks.keys()].map((lockId) => viewOf(lockNamed(lockId), clock.now())),
    lock: (lockId) => viewOf(lockNamed(lockId), clock.now()),
    idOf(name) {
      const found = [...cloud.locks.values()].find(({ data }) => data.name === name);
      if (found === undefined) throw new Error(`there is no simulated lock called ${name}`);
      return found.data.lockId;
    },
    gateways: () =>
      [...cloud.gateways.values()].map(({ gatewayId, name, online, busy }) => ({ gatewayId, name, online, busy })),
    press: (lockId, digits) => lockNamed(lockId).press(digits),
    scan: (lockId, content) => lockNamed(lockId).scan(content),
    turnByHand: (lockId) => lockNamed(lockId).turnByHand(),
    setCodeAtLock(lockId, digits, times) {
      const code = { digits, ...(times ?? { startDate: 0, endDate: null }), by: 'keypad' as const };
      const said = lockNamed(lockId).write(code);
      if (said !== 0) throw new Refusal(said);
    },
    deleteCodeAtLock: (lockId, digits) => lockNamed(lockId).erase(digits, 'keypad'),
    setBattery: (lockId, percent) => lockNamed(lockId).setBattery(percent),
    setAutoLock: (lockId, seconds) => lockNamed(lockId).setAutoLock(seconds),
    setCondition: (lockId, condition, on) => lockNamed(lockId).setCondition(condition, on),
    setGateway(gatewayId, change) {
      const gateway = cloud.gateways.get(gatewayId);
      if (gateway === undefined) throw new Error(`there is no simulated gateway ${gatewayId}`);
      cloud.saveGateway(Object.assign(gateway, change));
    },
    onLock: (lockId) => structuredClone(onLockOf(lockNamed(lockId))),
    qrCodes: (lockId) =>
      cloud.qrs
        .all()
        .filter((row) => row.lockId === lockId)
        .map(({ qrCodeId }) => qrCodeId),
    counts: (lockId) => ({ ...lockNamed(lockId).data.counts }),
    records,
    past: (lockId) => [...records(lockId), ...lockNamed(lockId).data.unsent],
    trouble(trouble) {
      struck = { lockId: trouble?.lockId ?? null, errcode: trouble?.errcode ?? 1 };
      troubles.set(trouble);
    },
    heard: () => ({ ...heard }),
    requests: () => [...seen],
    revokeTokens: accounts.revokeAll,
    expireTokens: accounts.expireAll,
    setTokenSeconds: accounts.setTokenSeconds,
    changePassword: accounts.changePassword,
    setLimits: limits.set,
    setCallbackUrl(next) {
      callback = next;
    },
    callbackUrl: () => callback,
    pushTrouble: pushes.setTrouble,
    pushes: pushes.all,
    async settled() {
      while (heard.underWay > 0 || pushes.underWay() > 0) {
        await pushes.settled();
        if (heard.underWay > 0) await pause(5);
      }
    },
  };

  const context: Omit<Context, 'trouble'> = {
    cloud,
    radio,
    clock,
    seed,
    username: account.username,
    url: '',
    hourRule: options.hourRule ?? 'refuse',
  };
  const control = createControl(simulator);
  const api = (foreign: boolean) => ({
    accounts,
    clock,
    context,
    troubles,
    troubledLock: () => struck.lockId,
    refusal: () => struck.errcode,
    heard,
    note(request: ApiRequest) {
      seen.push(request);
      if (seen.length > REMEMBERED) seen.shift();
    },
    count: limits.count,
    foreign,
  });

  const started: Listening[] = [];
  async function open(name: string, port: number | undefined, foreign: boolean): Promise<string> {
    const listening = await listen(
      (request, response) => {
        const at = new URL(request.url ?? '/', 'http://ttlock');
        if (at.pathname.startsWith('/qr/') && !foreign) {
          const row = cloud.qrs.all().find(({ token }) => at.pathname === `/qr/${token}`);
          return sendQrPage(response, row === undefined ? null : contentOf(row, { seed, clock }));
        }
        if (at.pathname === '/' || at.pathname.startsWith('/api/')) return control(request, response);
        return underWay(heard, answerApi(api(foreign), at, request, response));
      },
      port ?? ports.get(name) ?? lasting,
    );
    started.push(listening);
    ports.put(name, listening.port);
    return `http://${LOOPBACK}:${listening.port}`;
  }
  const addresses = await (async () => {
    const home = await open('api', options.port, false);
    return { url: home, otherRegionUrl: await open('other region', undefined, true) };
  })().catch(async (error: unknown) => {
    for (const one of started) await one.close(); // one port taken must not leave the other open
    throw error;
  });
  context.url = addresses.url;
  for (const gateway of gateways) cloud.saveGateway(gateway);
  for (const lock of cloud.locks.values()) lock.save();
  const ticking = every(TICK_MS, cloud.settle);

  return {
    ...simulator,
    ...addresses,
    async close() {
      ticking.stop();
      pushes.close();
      await Promise.all(started.map((one) => one.close()));
      store.close();
    },
  };
}

/** How often may be asked, by the simulators' clock. */
function createLimits(clock: SimulatorClock) {
  let limits: Limits = {};
  let asked: number[] = [];
  return {
    set(next: Limits): void {
      limits = next;
      asked = [];
    },
    count(): void {
      const now = clock.now();
      asked = asked.filter((at) => at > now - 30 * DAY);
      const inMinute = asked.filter((at) => at > now - MINUTE).length;
      if (limits.perMonth !== undefined && asked.length >= limits.perMonth) throw new Refusal(30007);
      if (limits.perMinute !== undefined && inMinute >= limits.perMinute) throw new Refusal(30006);
      if (limits.perMonth !== undefined || limits.perMinute !== undefined) asked.push(now);
    },
  };
}

const onLockOf = ({ data }: Lock): OnLock => ({ written: data.written, random: data.random });

function viewOf({ data }: Lock, now: number): LockView {
  const { lockId, name, reach, gatewayId, hasKeypad, hasCamera, locked, autoLockAt, inPassage, conditions } = data;
  return {
    lockId,
    name,
    reach,
    gatewayId,
    hasKeypad,
    hasCamera,
    locked,
    autoLockAt,
    inPassage,
    battery: Math.round(data.battery * 100) / 100,
    conditions: [...conditions],
    keypadLockedUntil: data.keypadLockedUntil > now ? data.keypadLockedUntil : null,
    unsent: data.unsent.length,
  };
}
