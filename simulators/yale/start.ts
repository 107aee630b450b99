/**
 * The Yale/August cloud on the wire: one owner, virtual locks and bridges, and the people who press digits and turn knobs
 * at them. Both header families are heard. It imports nothing of src/.
 */
import path from 'node:path';
import { every, pause, type SimulatorClock, systemClock } from '../clock.ts';
import { type Heard, nothingHeard, underWay } from '../heard.ts';
import { LOOPBACK, listen } from '../loopback.ts';
import { openStore } from '../store.ts';
import { createTroubles, type Trouble } from '../trouble.ts';
import { type Account, createAccounts } from './account.ts';
import { type ApiRequest, answerApi } from './api-server.ts';
import type { Context } from './call.ts';
import { type Activity, createCloud } from './cloud.ts';
import { createControl } from './control.ts';
import type { Attempt, Lock } from './lock.ts';
import type { Counts, KeypadCode, LockCondition } from './lock-data.ts';
import { createPins } from './pins.ts';
import { createRadio } from './radio.ts';
import { type BridgeSpec, bridgeFrom, type LockSpec, lockFrom } from './specs.ts';
import { createSubscribers } from './subscribers.ts';

export type { Account } from './account.ts';
export type { ApiRequest } from './api-server.ts';
export type { Activity } from './cloud.ts';
export type { Attempt } from './lock.ts';
export type { Counts, KeypadCode, LockCondition } from './lock-data.ts';
export type { BridgeSpec, LockSpec } from './specs.ts';

export type YaleOptions = {
  stateDir?: string | null; // null, or absent: remembers nothing after close
  seed?: string;
  clock?: SimulatorClock;
  port?: number;
  account?: Partial<Account>;
  tokenSeconds?: number; // how long an access token by OAuth is good; default an hour
  bridges?: BridgeSpec[];
  locks?: LockSpec[];
  airMs?: number; // what a command takes in the air, in real milliseconds; default 30
  silentMs?: number; // how long one try waits for a lock that is silent; default 10 s
  slots?: number; // codes on one lock; default 240
};
export type YaleLockView = {
  lockId: string;
  name: string;
  bridgeId: string | null;
  hasKeypad: boolean;
  locked: boolean;
  doorOpen: boolean;
  battery: number; // percent
  conditions: LockCondition[];
};
export type BridgeView = { bridgeId: string; name: string; online: boolean; busy: boolean };

export type YaleSimulator = {
  url: string;
  account: Account;
  locks(): YaleLockView[];
  lock(lockId: string): YaleLockView;
  idOf(name: string): string;
  bridges(): BridgeView[];
  press(lockId: string, digits: string): Attempt;
  turnByHand(lockId: string): boolean;
  moveDoor(lockId: string, open: boolean): void;
  setBattery(lockId: string, percent: number): void;
  setCondition(lockId: string, condition: LockCondition, on: boolean): void;
  setBridge(bridgeId: string, change: { online?: boolean; busy?: boolean }): void;
  /** What the keypad itself opens by. */
  codesOnLock(lockId: string): KeypadCode[];
  counts(lockId: string): Counts;
  activities(lockId: string): Activity[];
  /** Codes for signing in, as they were mailed, oldest first. */
  mailedCodes(): readonly string[];
  /** Every token that was given out. */
  secrets(): readonly string[];
  /** An installation that needs no code any more. */
  trustedInstall(): string;
  forgetInstalls(): void;
  /** A refresh token, as the owner's consent gives it. */
  consent(): string;
  barTokens(o: { refreshToo: boolean }): void;
  changePassword(password: string): void;
  /** For tests of drivers: what happens to requests from now on. Not remembered. */
  trouble(trouble: Trouble | null): void;
  heard(): Heard;
  requests(): ApiRequest[];
  /** Nothing is under way any more: neither a request nor a code on its way to a lock. */
  settled(): Promise<void>;
  close(): Promise<void>;
};

const TICK_MS = 50;
const REMEMBERED = 5000;
const usual = { seed: 'keystead', tokenSeconds: 3600, airMs: 30, silentMs: 10_000, slots: 240 };

export async function startYale(options: YaleOptions): Promise<YaleSimulator> {
  const { seed, tokenSeconds, airMs, silentMs, slots } = { ...usual, ...options };
  const clock = options.clock ?? systemClock;
  const stateDir = options.stateDir ?? null;
  const store = openStore(stateDir === null ? null : path.join(stateDir, 'yale.journal'));
  const ports = store.table<number>('ports');
  const accounts = createAccounts({ store, clock, seed, wanted: options.account ?? {}, tokenSeconds });
  const subscribers = createSubscribers({ accounts });
  const cloud = createCloud({ store, clock, tell: subscribers.emit });
  const radio = createRadio({ cloud, airMs, silentMs });
  const ownerId = accounts.account.userId;
  const pins = createPins({ cloud, radio, now: () => clock.now(), seed, ownerId, slots });
  const bridges = (options.bridges ?? []).map((spec) => bridgeFrom(spec, seed, store, clock.now()));
  for (const bridge of bridges) cloud.bridges.set(bridge.bridgeId, bridge);
  for (const spec of options.locks ?? []) cloud.addLock(lockFrom(spec, bridges, seed, store, clock.now()));
  const [troubles, heard] = [createTroubles(), nothingHeard()];
  const seen: ApiRequest[] = [];

  function lockNamed(lockId: string): Lock {
    const lock = cloud.locks.get(lockId);
    if (lock === undefined) throw new Error(`there is no simulated lock ${lockId}`);
    lock.settle();
    return lock;
  }

  const simulator: Omit<YaleSimulator, 'url' | 'close'> = {
    account: accounts.account,
    locks: () => [...cloud.locks.keys()].map((lockId) => viewOf(lockNamed(lockId))),
    lock: (lockId) => viewOf(lockNamed(lockId)),
    idOf(name) {
      const found = [...cloud.locks.values()].find(({ data }) => data.name === name);
      if (found === undefined) throw new Error(`there is no simulated lock called ${name}`);
      return found.data.lockId;
    },
    bridges: () =>
      [...cloud.bridges.values()].map(({ bridgeId, name, online, busy }) => ({ bridgeId, name, online, busy })),
    press: (lockId, digits) => lockNamed(lockId).press(digits),
    turnByHand: (lockId) => lockNamed(lockId).turnByHand(),
    moveDoor: (lockId, open) => lockNamed(lockId).moveDoor(open),
    setBattery: (lockId, percent) => lockNamed(lockId).setBattery(percent),
    setCondition: (lockId, condition, on) => lockNamed(lockId).setCondition(condition, on),
    setBridge(bridgeId, change) {
      const bridge = cloud.bridges.get(bridgeId);
      if (bridge === undefined) throw new Error(`there is no simulated bridge ${bridgeId}`);
      const { online } = change;
      const turns = online !== undefined && online !== bridge.online;
      if (turns) bridge[online ? 'lastOnline' : 'lastOffline'] = clock.now();
      cloud.saveBridge(Object.assign(bridge, change));
      for (const lock of cloud.locks.values()) {
        if (cloud.bridgeOf(lock) !== bridge) continue;
        const status = `associated_bridge_${bridge.online ? 'online' : 'offline'}`;
        if (turns) subscribers.emit({ lockID: lock.data.lockId, status, timeStamp: clock.now() });
        if (bridge.online && !bridge.busy) void pins.carry(lock);
      }
    },
    codesOnLock: (lockId) => structuredClone(lockNamed(lockId).data.codes),
    counts: (lockId) => ({ ...lockNamed(lockId).data.counts }),
    activities: (lockId) => cloud.activities.all().filter((one) => one.lockId === lockNamed(lockId).data.lockId),
    mailedCodes: accounts.mailed,
    secrets: accounts.secrets,
    trustedInstall: accounts.trustedInstall,
    forgetInstalls: accounts.forgetInstalls,
    consent: accounts.consent,
    barTokens: ({ refreshToo }) => accounts.bar(refreshToo),
    changePassword: accounts.changePassword,
    trouble: troubles.set,
    heard: () => ({ ...heard }),
    requests: () => [...seen],
    async settled() {
      while (heard.underWay > 0 || pins.underWay() > 0) await pause(5);
    },
  };

  const context: Context = { accounts, cloud, radio, pins, subscribers, clock };
  const control = createControl(simulator);
  const note = (request: ApiRequest): void => {
    seen.push(request);
    if (seen.length > REMEMBERED) seen.shift();
  };
  const listening = await listen(
    (request, response) => {
      const at = new URL(request.url ?? '/', 'http://yale');
      if (at.pathname === '/' || at.pathname.startsWith('/control/')) return control(request, response);
      return underWay(heard, answerApi({ context, troubles, heard, note }, at, request, response));
    },
    options.port ?? ports.get('api') ?? (stateDir === null ? null : 'lasting'),
  );
  listening.server.on('upgrade', subscribers.upgrade);
  ports.put('api', listening.port);
  for (const bridge of bridges) cloud.saveBridge(bridge);
  for (const lock of cloud.locks.values()) {
    lock.save();
    void pins.carry(lock); // what was asked for before a kill
  }
  const ticking = every(TICK_MS, cloud.settle);

  return {
    ...simulator,
    url: `http://${LOOPBACK}:${listening.port}`,
    async close() {
      ticking.stop();
      subscribers.close();
      await listening.close();
      store.close();
    },
  };
}

function viewOf({ data }: Lock): YaleLockView {
  const { lockId, name, bridgeId, hasKeypad, locked, doorOpen, conditions } = data;
  const battery = Math.round(data.battery * 100) / 100;
  return { lockId, name, bridgeId, hasKeypad, locked, doorOpen, battery, conditions: [...conditions] };
}
