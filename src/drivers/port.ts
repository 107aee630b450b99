import type { Instant } from '../rules/instant.ts';
import type { LockDriver } from './lock-port.ts';

/**
 * THE PORT. A driver speaks one vendor through one connection. It translates and tells the truth; it never decides,
 * never stores, never retries. Lanes, rate limits, retries and breakers are the engine's.
 * Every call takes a signal, and gives up when it fires.
 */

/** Which thing of the vendor's: its hardware id, and the channel where it has several. */
export type HardwareRef = { hardwareId: string; channel: number };

export type Hardware = {
  ref: HardwareRef;
  kind: 'relay';
  name: string | null;
  model: string | null;
  firmware: string | null;
  /** null: it has not told yet. */
  channelCount: number | null;
  online: boolean;
  /** Where it answers, or did, where addresses are what the connection is made of. */
  addresses?: readonly string[];
  /** Why it is not, where it was asked just now. */
  trouble?: { reason: RefusalReason; detail: string };
  /** false: it cannot be switched on with a timer of its own, so not at all; left out: it can. */
  hasAutoOff?: boolean;
};

export type Capabilities = { canSwitch: boolean; hasAutoOff: boolean; readsPower: boolean };

/** What hardware is asked to do. A switch-on cannot be written without its auto-off. */
export type Command = { kind: 'switch-on'; autoOffSeconds: number } | { kind: 'switch-off' };

/** What hardware was last seen to be. */
export type Observation =
  | {
      kind: 'relay';
      on: boolean;
      /** When the device's own timer will flip it, where it says so. */
      autoOffAt: Instant | null;
      powerWatts: number | null;
      /** What the relay has counted since it was made or reset, in watt-hours; null or left out: it does not tell. */
      energyWh?: number | null;
      /** Who switched last, in the vendor's words. */
      source: string | null;
      at: Instant;
    }
  /** Nobody answered as they should: nothing is known of the relay. `reason` absent: unreachable. */
  | ({ kind: 'unreachable'; why: string; at: Instant; reason?: RefusalReason } & TroubleFacts);

/** What else a vendor's trouble tells whoever has to decide when to ask again. */
export type TroubleFacts = {
  /** When the vendor wants to be asked again (Retry-After), and not before. */
  retryAfterSeconds?: number;
  /**
   * The trouble is not this thing's but that of the account or broker behind the connection: a wrong key, a limit of
   * requests, a cloud that does not answer. Everything else on the connection would meet it too.
   */
  wholeConnection?: boolean;
  /** Nothing was asked, as our own turn (Pace) did not come: it says nothing of the vendor, nor of the thing. */
  noTurn?: true;
};

/** Whose connections have locks alone; all others have relays. */
export type LockVendor = 'ttlock' | 'yale';
export type HardwareVendor = 'shelly-lan' | 'shelly-cloud' | 'shelly-mqtt' | 'shelly-websocket' | LockVendor;

/**
 * How a command ended. `confirmed`: seen, with evidence. `accepted`: the vendor took it, proof must come. `refused`:
 * surely not done, and why. `unknown`: sent, heard nothing: it may have been done.
 */
export type Outcome =
  | { kind: 'confirmed'; observation: Observation }
  | { kind: 'accepted' }
  | ({ kind: 'refused'; reason: RefusalReason; detail: string } & TroubleFacts)
  | ({ kind: 'unknown'; detail: string } & TroubleFacts);

/**
 * `unreachable`: no connection was made, so surely not done. `credentials`: ours are wrong. `not-found`: the vendor
 * does not know this hardware. `unsupported`: it cannot do this. `busy`: later. `vendor`: it said no.
 */
export type RefusalReason = 'unreachable' | 'credentials' | 'not-found' | 'unsupported' | 'busy' | 'vendor';

/** What a driver tells by itself, without having been asked. */
export type Told =
  | { kind: 'seen'; ref: HardwareRef; observation: Observation }
  /** The way to everything on this connection (a broker) is open, or lost. Said at each change, and at first. */
  | { kind: 'way'; open: true }
  | { kind: 'way'; open: false; why: string }
  /** A device has dialled us and is reached through this process now; all of it that can be driven. */
  | { kind: 'linked'; hardwareId: string; hardware: Hardware[] }
  | { kind: 'unlinked'; hardwareId: string };

/** A socket by which a device dialled us. Texts only; whoever accepts it listens before anything is read from it. */
export type Line = {
  send(text: string): void;
  /** Ends it; `why` is for the log and for the device. */
  close(why: string): void;
  listen(on: { message(text: string): void; closed(): void }): void;
};

/** For hardware that dials us: the driver is handed the sockets, and speaks through them. */
export type Inbound = {
  accept(line: Line): void;
  /** Whether the device's socket hangs on this process. */
  holds(hardwareId: string): boolean;
  /** Ends its socket: the device is reached elsewhere now. */
  hangUp(hardwareId: string, why: string): void;
};

/** `begin`: tries what is configured, and has a code sent where one is wanted. */
export type SignInStep = { kind: 'begin' } | { kind: 'code'; code: string };
/** `to`: the address that the code went to, as the account has it. */
export type SignedIn =
  | { kind: 'signed-in' }
  | { kind: 'code-sent'; to: string }
  | { kind: 'code-wrong' }
  | ({ kind: 'refused'; reason: string; detail: string } & TroubleFacts);

export type Driver = {
  describe(ref: HardwareRef): Capabilities;
  /** What hangs on this connection; throws VendorFault when the vendor cannot be asked. */
  list(signal: AbortSignal): Promise<Hardware[]>;
  /** Tries once. */
  perform(ref: HardwareRef, command: Command, signal: AbortSignal): Promise<Outcome>;
  /** What is true now. Never throws for a vendor's trouble: that is an observation too. */
  observe(ref: HardwareRef, signal: AbortSignal, lookFor?: LookFor): Promise<Observation>;
  /** Tells from now on, until closed, what the vendor tells by itself. Called once at most. Must not be kept waiting. */
  watch?(emit: (told: Told) => void): void;
  inbound?: Inbound;
  /** Where signing in is a talk of several steps: each once, and what comes of it is kept in the vault. Never throws. */
  signIn?(step: SignInStep): Promise<SignedIn>;
  /** The locks on this connection; left out: this vendor has none. A vendor of locks alone lists and drives no relays. */
  locks?: LockDriver;
  /** Ends what it holds open; what is under way is lost. */
  close?(): Promise<void>;
};

/**
 * Who waits for a reading: a person (a guest's start, staff's switch, the end of a run), or a round alone. What is for a
 * round comes last where a vendor counts requests, and is held back first when it is in trouble.
 */
export type LookFor = 'people' | 'background';

/**
 * Where a vendor counts requests: does the work when it is the account's turn, over all processes. `account` names the
 * account, secrets and all; nothing of it is stored. Throws NoTurn, with the work not begun, when the signal fires before.
 */
export type Pace = <T>(
  account: string,
  lookFor: LookFor,
  signal: AbortSignal,
  work: (slot: { holdOff(milliseconds: number): void }) => Promise<T>,
) => Promise<T>;

export class NoTurn extends Error {
  constructor(options?: ErrorOptions) {
    super('Too much is waiting for this account at the vendor', options);
    this.name = 'NoTurn';
  }
}

/** A vendor's trouble in an answer that is not an outcome (list). */
export class VendorFault extends Error {
  readonly reason: RefusalReason;
  readonly facts: TroubleFacts;
  constructor(reason: RefusalReason, detail: string, options: ErrorOptions & TroubleFacts = {}) {
    const { cause, ...facts } = options;
    super(detail, cause === undefined ? {} : { cause });
    this.name = 'VendorFault';
    this.reason = reason;
    this.facts = facts;
  }
}
