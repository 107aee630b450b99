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

export type Driver = {
  describe(ref: HardwareRef): Capabilities;
  /** What hangs on this connection; throws VendorFault when the vendor cannot be asked. */
  list(signal: AbortSignal): Promise<Hardware[]>;
  /** Tries once. */
  perform(ref: HardwareRef, command: Command, signal: AbortSignal): Promise<Outcome>;
  /** What is true now. Never throws for a vendor's trouble: that is an observation too. */
  observe(ref: HardwareRef, signal: AbortSignal): Promise<Observation>;
  /** Tells from now on, until closed, what the vendor tells by itself. Called once at most. Must not be kept waiting. */
  watch?(emit: (told: Told) => void): void;
  inbound?: Inbound;
  /** Ends what it holds open; what is under way is lost. */
  close?(): Promise<void>;
};

/** A vendor's trouble in an answer that is not an outcome (list). */
export class VendorFault extends Error {
  readonly reason: RefusalReason;
  constructor(reason: RefusalReason, detail: string, options?: ErrorOptions) {
    super(detail, options);
    this.name = 'VendorFault';
    this.reason = reason;
  }
}
