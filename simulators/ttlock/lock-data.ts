/** What one lock is and remembers. `cloud` is what the platform believes of it, which may be old or wrong. */
import type { Stretch } from './local-time.ts';

/** How the platform reaches it: through a gateway nearby, by its own WiFi, or not at all. */
export type Reach = 'gateway' | 'wifi' | 'bluetooth';
/** Whose lock it is to our account: its own, one with an ordinary ekey from somebody, or somebody else's. */
export type Rights = 'admin' | 'ekey' | 'none';

export const lockConditions = [
  'jammed', // the bolt does not move
  'slow', // the radio takes seconds
  'frozen', // by its administrator
  'no-remote', // remote unlocking is not permitted for it
  'out-of-range', // no gateway hears it
  'memory-full',
  'no-network', // WiFi locks: not configured
  'power-saving', // WiFi locks
  'offline', // WiFi locks
  'busy', // WiFi locks
] as const;
export type LockCondition = (typeof lockConditions)[number];

/** A code in the lock's memory. Permanent ones have no end. `by` the keypad: the platform does not know of it. */
export type WrittenCode = { digits: string; startDate: number; endDate: number | null; by: 'gateway' | 'keypad' };

/** A code that the lock works out by itself, as the platform did. */
export type RandomCode = {
  digits: string;
  type: number; // 1 to 14
  startDate: number;
  endDate: number;
  firstUsedAt: number | null;
  /** `blocked`: deleted through the gateway. `strange`: the platform told a code that this lock would never work out. */
  state: 'good' | 'used-up' | 'blocked' | 'cleared' | 'strange';
};

export type Passage = { on: boolean; autoUnlock: boolean; stretches: Stretch[] };

/** `fromLock`: the number that the lock gives it. `type`: the number under which the platform lists it. */
export type LockEvent = {
  at: number;
  fromLock: number;
  type: number;
  success: boolean;
  keyboardPwd: string;
  username: string | null;
};

/** What the lock really did, whatever anybody was told. */
export type Counts = {
  /** Unlocked by anybody, anyhow. */
  opens: number;
  locks: number;
  remoteOpens: number;
  remoteLocks: number;
  keypadOpens: number;
  scanOpens: number;
  /** Refused at keypad and reader. */
  refused: number;
  handTurns: number;
  autoLocks: number;
  /** In its memory, through the air. */
  codeWrites: number;
  codeChanges: number;
  codeDeletes: number;
  passageWrites: number;
};

export type LockData = {
  lockId: number;
  name: string; // the alias
  bluetoothName: string;
  mac: string;
  reach: Reach;
  gatewayId: number | null;
  rights: Rights;
  hasKeypad: boolean;
  hasCamera: boolean;
  zoneOffsetMs: number;
  capacity: number; // of custom codes
  initializedAt: number;
  conditions: LockCondition[];
  locked: boolean;
  autoLockSeconds: number; // 0: never
  autoLockAt: number | null;
  battery: number; // percent, with its fraction
  drainPerTurn: number;
  written: WrittenCode[];
  random: RandomCode[];
  passage: Passage;
  inPassage: boolean;
  settledAt: number;
  wrongTries: number[]; // when, of late
  keypadLockedUntil: number;
  /** Not told to the platform yet. */
  unsent: LockEvent[];
  counts: Counts;
  cloud: { battery: number; passage: Passage };
};

export const noCounts = (): Counts => ({
  opens: 0,
  locks: 0,
  remoteOpens: 0,
  remoteLocks: 0,
  keypadOpens: 0,
  scanOpens: 0,
  refused: 0,
  handTurns: 0,
  autoLocks: 0,
  codeWrites: 0,
  codeChanges: 0,
  codeDeletes: 0,
  passageWrites: 0,
});

export const noPassage = (): Passage => ({ on: false, autoUnlock: false, stretches: [] });
