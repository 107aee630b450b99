import type { Instant } from '../rules/instant.ts';

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
  channelCount: number;
  online: boolean;
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
      /** Who switched last, in the vendor's words. */
      source: string | null;
      at: Instant;
    }
  /** Nobody answered: nothing is known of the relay. */
  | { kind: 'unreachable'; why: string; at: Instant };

/**
 * How a command ended. `confirmed`: seen, with evidence. `accepted`: the vendor took it, proof must come. `refused`:
 * surely not done, and why. `unknown`: sent, heard nothing: it may have been done.
 */
export type Outcome =
  | { kind: 'confirmed'; observation: Observation }
  | { kind: 'accepted' }
  | { kind: 'refused'; reason: RefusalReason; detail: string; retryAfterSeconds?: number }
  | { kind: 'unknown'; detail: string };

/**
 * `unreachable`: no connection was made, so surely not done. `credentials`: ours are wrong. `not-found`: the vendor
 * does not know this hardware. `unsupported`: it cannot do this. `busy`: later. `vendor`: it said no.
 */
export type RefusalReason = 'unreachable' | 'credentials' | 'not-found' | 'unsupported' | 'busy' | 'vendor';

export type Driver = {
  describe(ref: HardwareRef): Capabilities;
  /** What hangs on this connection; throws VendorFault when the vendor cannot be asked. */
  list(signal: AbortSignal): Promise<Hardware[]>;
  /** Tries once. */
  perform(ref: HardwareRef, command: Command, signal: AbortSignal): Promise<Outcome>;
  /** What is true now. Never throws for a vendor's trouble: that is an observation too. */
  observe(ref: HardwareRef, signal: AbortSignal, who?: Who): Promise<Observation>;
};

/** For whom: a person who waits (a guest's start, staff's switch, the end of a run) comes before background readings. */
export type Who = 'people' | 'background';

/**
 * Where a vendor counts requests: does the work when it is the account's turn, over all processes. `account` names the
 * account, secrets and all; nothing of it is stored. Throws NoTurn, with the work not begun, when the signal fires before.
 */
export type Turn = <T>(
  account: string,
  who: Who,
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
  constructor(reason: RefusalReason, detail: string, options?: ErrorOptions) {
    super(detail, options);
    this.name = 'VendorFault';
    this.reason = reason;
  }
}
