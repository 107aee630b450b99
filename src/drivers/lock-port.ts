import type { Instant } from '../rules/instant.ts';
import type { LookFor, RefusalReason, TroubleFacts } from './port.ts';

/**
 * THE PORT, for locks. As for relays (port.ts): a driver translates and tells the truth; it never decides, never stores,
 * never retries. It tries once, and gives up when the signal fires. Codes are given to it in the clear and must never be
 * seen in anything it says (details, errors, logs).
 */

/** Which lock: the vendor's name for it. */
export type LockRef = { hardwareId: string };

/** When a code opens, as a lock can keep it by itself; half-open. `until` null: until it is taken away. */
export type CodeWindow = { from: Instant; until: Instant | null };

/** What a keypad can do. */
export type Keypad = {
  lengthMin: number;
  lengthMax: number;
  /** How many codes fit; null: the vendor does not say. */
  slots: number | null;
  /** It counts slots, and a code is put into the one that we name. */
  namesSlots: boolean;
  /** The lock keeps the window of a code by itself; else a code on it opens always. */
  keepsWindows: boolean;
  /** The codes on it can be read; else only the receipt of a write tells. */
  readsBack: boolean;
  /** A code can be given another window, or other digits, in one step. */
  changesInPlace: boolean;
};

/** What a lock can do, as far as its vendor tells. */
export type LockCapabilities = {
  unlock: boolean;
  lock: boolean;
  /** It can only open for a moment (an intercom). */
  momentary: boolean;
  /** It tells its bolt, and its door. */
  tellsBolt: boolean;
  tellsDoor: boolean;
  /** null: it has none, or none that we can write to. */
  keypad: Keypad | null;
  /** The vendor chooses a code, without reaching the lock; at which times one may begin and end, in milliseconds. */
  issuesCodes: { granularity: number } | null;
  issuesQr: boolean;
  passage: boolean;
  tellsRecords: boolean;
};

/** The gateway or bridge that speaks to a lock; commands through one go one after the other. */
export type Bridge = { id: string; online: boolean | null };

export type LockHardware = {
  ref: LockRef;
  name: string;
  model: string | null;
  firmware: string | null;
  mac: string | null;
  /** Percent. */
  battery: number | null;
  /** null: none is near; the lock is reached by a phone alone. */
  bridge: Bridge | null;
  capabilities: LockCapabilities;
};

/** Minutes of the day by the lock's own clock; weekdays 1 (Monday) to 7. */
export type PassageSchedule = {
  weekdays: readonly number[];
  allDay: boolean;
  fromMinute: number;
  untilMinute: number;
};

/** What a lock is asked to do. `reference`: what the vendor calls a code, told when it was set. */
export type LockCommand =
  | { kind: 'unlock' }
  | { kind: 'lock' }
  | { kind: 'set-pin'; pin: string; slot: number | null; window: CodeWindow; name: string }
  /** Only where it changes in place: another window, or other digits, under the same reference. */
  | { kind: 'change-pin'; reference: string; pin: string | null; window: CodeWindow | null }
  | { kind: 'clear-pin'; reference: string; slot: number | null }
  /** The vendor chooses; `once`: it opens once. */
  | { kind: 'issue-code'; window: CodeWindow; once: boolean; name: string }
  | { kind: 'issue-qr'; window: CodeWindow; name: string }
  | { kind: 'revoke-qr'; reference: string }
  /** null: no free passage any more. */
  | { kind: 'passage'; schedule: PassageSchedule | null };

export type LockCommandKind = LockCommand['kind'];

export type Bolt = 'locked' | 'unlocked' | 'jammed' | 'unknown';

/** What a lock was last seen to be. A field that the vendor does not tell is null. */
export type LockObservation =
  | {
      kind: 'lock';
      bolt: Bolt;
      door: 'open' | 'closed' | null;
      battery: number | null;
      bridgeOnline: boolean | null;
      at: Instant;
    }
  /** The lock was not reached: nothing is known of it. `bridgeOnline` false: its bridge is away. */
  | ({
      kind: 'unreachable';
      why: string;
      bridgeOnline: boolean | null;
      at: Instant;
      reason?: LockRefusal;
    } & TroubleFacts);

/**
 * Why a lock did not do it, surely. Besides those of all hardware: `bridge-offline`, `no-bridge`; `asleep` (a WiFi lock that
 * saves power); `not-permitted` (remote unlock is off, no rights); `code-taken` (the digits are on it already), `code-full`
 * (no room), `code-refused` (too simple, wrong length), `code-missing`; `frozen`; `jammed`; `low-battery`.
 */
export type LockRefusal =
  | RefusalReason
  | 'bridge-offline'
  | 'no-bridge'
  | 'asleep'
  | 'not-permitted'
  | 'code-taken'
  | 'code-full'
  | 'code-refused'
  | 'code-missing'
  | 'frozen'
  | 'jammed'
  | 'low-battery';

/**
 * What the vendor gave in return. `code`: chosen by the vendor; `qr`: what the picture must hold, or a page that shows it, and
 * the number by which the lock's book names it.
 */
export type Gave = {
  reference?: string;
  slot?: number;
  code?: string;
  qr?: { content: string | null; link: string | null; number?: string };
  /** The window that it really has, where the vendor cannot keep the one that was asked for. */
  window?: CodeWindow;
};

/**
 * How a command ended (as in port.ts). An unlock whose bolt cannot be read is `accepted`. A write that the vendor's own
 * receipt says is on the lock is `confirmed`.
 */
export type LockOutcome =
  | { kind: 'confirmed'; observation: LockObservation | null; gave?: Gave }
  | { kind: 'accepted'; gave?: Gave }
  | ({ kind: 'refused'; reason: LockRefusal; detail: string } & TroubleFacts)
  | ({ kind: 'unknown'; detail: string } & TroubleFacts);

/** A code that is on a lock. `pin` null: it cannot be read; `window` null: the vendor does not tell it. */
export type CodeOnLock = {
  reference: string;
  slot: number | null;
  pin: string | null;
  name: string | null;
  window: CodeWindow | null;
};

/** A line of the lock's own book. */
export type LockRecord = {
  /** Unique for the lock. */
  id: string;
  at: Instant;
  /** What was presented, or who turned it. */
  by: 'pin' | 'qr' | 'card' | 'fingerprint' | 'app' | 'remote' | 'manual' | 'auto-lock' | 'door' | 'other';
  did: 'unlocked' | 'locked' | 'refused' | 'opened' | 'closed' | 'other';
  /** The digits that were pressed, where the vendor tells. Secret. */
  pin: string | null;
  /** The number of the QR code that was shown, where the vendor tells. */
  qr?: string;
  /** The vendor's name of the person or code. */
  who: string | null;
  battery: number | null;
};

/** What a vendor's callback told. */
export type LockTold = { ref: LockRef; records: LockRecord[]; observation: LockObservation | null };

export type LockDriver = {
  /** What hangs on this account; throws VendorFault when the vendor cannot be asked. */
  list(signal: AbortSignal): Promise<LockHardware[]>;
  perform(ref: LockRef, command: LockCommand, signal: AbortSignal): Promise<LockOutcome>;
  /** What is true now. Never throws for a vendor's trouble. `background`: what the vendor has stored will do. */
  observe(ref: LockRef, signal: AbortSignal, lookFor?: LookFor): Promise<LockObservation>;
  /** All codes on it; throws VendorFault. Left out: they cannot be read. */
  codes?(ref: LockRef, signal: AbortSignal): Promise<CodeOnLock[]>;
  /** Its book since then, oldest first; throws VendorFault. */
  records?(ref: LockRef, since: Instant, signal: AbortSignal): Promise<LockRecord[]>;
  /** Reads a vendor's callback; null: it is none. Proves nothing: whoever takes it looks again where it matters. */
  receive?(body: string): LockTold[] | null;
};

/** Tokens that the vendor changes by itself, kept outside the driver: a rotated one is stored before it is first used. */
export type TokenVault = {
  /**
   * The tokens of this account, shared by all processes; `renew` is called by one at a time, with those that are stored, and
   * what it answers is committed before anybody gets it. `stale`: an access token that the vendor refused.
   */
  tokens(
    o: { stale: string | null },
    renew: (stored: VendorTokens | null) => Promise<VendorTokens>,
  ): Promise<VendorTokens>;
};
export type VendorTokens = { access: string; refresh: string; expiresAt: Instant };
