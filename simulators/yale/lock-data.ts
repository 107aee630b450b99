/** All that is remembered of one virtual lock, of the codes in its keypad, and of what the cloud believes of both. */

export const lockConditions = [
  'silent', // hears nobody through the air
  'bluetooth-busy', // a phone has it
  'jammed',
  'uncalibrated',
  'overheated',
  'drops', // acts, and drops the connection before it says so
] as const;
export type LockCondition = (typeof lockConditions)[number];

export type Access = {
  accessType: 'always' | 'recurring' | 'temporary' | 'oneTime';
  accessTimes: string | null;
  accessRecurrence: string | null;
};

/** In the lock itself: it opens by these alone, whatever the cloud believes. */
export type KeypadCode = Access & { slot: number; digits: string; userId: string; enabled: boolean };

export const pinStates = ['created', 'loaded', 'disabled', 'disabling', 'enabling', 'deleting', 'updating'] as const;
export type PinState = (typeof pinStates)[number];

/** In the cloud. `wish`: what an update is to make of it. */
export type PinRow = Access & {
  id: string;
  lockId: string;
  userId: string;
  partnerUserId: string | null;
  firstName: string;
  lastName: string;
  pin: string;
  slot: number;
  state: PinState;
  wish: (Access & { pin: string }) | null;
  createdAt: number;
  updatedAt: number;
  loadedAt: number | null;
};

export type Counts = {
  remoteUnlocks: number;
  remoteLocks: number;
  keypadOpens: number;
  handTurns: number;
  autoLocks: number;
  refused: number;
  pinLoads: number;
  pinUpdates: number;
  pinDeletes: number;
};
export const noCounts = (): Counts => ({
  remoteUnlocks: 0,
  remoteLocks: 0,
  keypadOpens: 0,
  handTurns: 0,
  autoLocks: 0,
  refused: 0,
  pinLoads: 0,
  pinUpdates: 0,
  pinDeletes: 0,
});

/** `userId` null: nobody that the cloud knows. */
export type LockEvent = { at: number; action: string; userId: string | null };

export type LockData = {
  lockId: string;
  name: string;
  type: number;
  houseId: string;
  bridgeId: string | null;
  /** What the account is on it: a guest may only operate it. */
  role: 'superuser' | 'user';
  hasKeypad: boolean;
  hasDoorSensor: boolean;
  timeZone: string;
  mac: string;
  serial: string;
  locked: boolean;
  doorOpen: boolean;
  conditions: LockCondition[];
  battery: number; // percent
  drainPerTurn: number;
  autoLockSeconds: number;
  autoLockAt: number | null;
  codes: KeypadCode[];
  wrongTries: number[];
  keypadLockedUntil: number;
  /** What the cloud has not heard yet, as no bridge carried it. */
  unsent: LockEvent[];
  counts: Counts;
  cloud: { status: string; dateTime: number; doorOpen: boolean; battery: number; batteryAt: number };
};

export type BridgeData = {
  bridgeId: string;
  name: string;
  online: boolean;
  lastOnline: number;
  lastOffline: number;
  /** Somebody else keeps it busy. */
  busy: boolean;
};
