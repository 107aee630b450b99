import type { Tx } from '../database/open.ts';
import type {
  CodeOnLock,
  LockCommand,
  LockHardware,
  LockObservation,
  LockOutcome,
  LockRecord,
} from '../drivers/lock-port.ts';
import type {
  Command,
  Hardware,
  HardwareVendor,
  LookFor,
  Observation,
  Outcome,
  SignedIn,
  SignInStep,
} from '../drivers/port.ts';
import type { DeviceRow } from '../features/devices/devices.service.ts';
import type { SessionRow } from '../features/sessions/sessions.service.ts';
import type { ConnectionId, LockId, OrganizationId, SessionId } from '../rules/ids.ts';
import type { Instant } from '../rules/instant.ts';

/** Which relay: one channel of one thing on one connection. */
export type RelayRef = {
  organizationId: OrganizationId;
  connectionId: ConnectionId;
  hardwareId: string;
  channel: number;
};

/** What is not asked for now, because it keeps failing. */
export type Trouble = {
  /** Null: the whole connection. */
  hardwareId: string | null;
  since: Instant;
  error: string;
  nextTryAt: Instant;
};

/** `notSent`: we refused it ourselves, and no vendor has said anything. */
export type Sent = Outcome & { notSent?: true };

/** Hardware as features see it: one try, within a deadline, through the right driver. */
export type HardwarePort = {
  /** What hangs on a connection; a 502 or 504 when the vendor cannot be asked. */
  list(organizationId: OrganizationId, connectionId: ConnectionId): Promise<Hardware[]>;
  /** The same; where the vendor counts requests, a list of the last moments will do if it has this on it. */
  listWith(organizationId: OrganizationId, connectionId: ConnectionId, hardwareId: string): Promise<Hardware[]>;
  /** The same by a configuration that is perhaps not saved yet. */
  tryOut(vendor: HardwareVendor, config: unknown): Promise<Hardware[]>;
  /** `notAsked` in the answer: it was held back, nothing new is known. */
  observe(ref: RelayRef, lookFor: LookFor): Promise<Observation & { notAsked?: true }>;
  /** Gives up when the signal fires, too. Held back: refused, `notSent`. */
  perform(ref: RelayRef, command: Command, signal: AbortSignal): Promise<Sent>;
  /** How many milliseconds `perform` takes at most on such a connection. */
  performTakes(vendor: HardwareVendor): number;
  /** How it went lately: `held`, a background look would be held back now; `failing`, the last call failed. */
  health(ref: RelayRef): 'well' | 'failing' | 'held';
  /** What this process holds back on a connection. */
  troubles(connectionId: ConnectionId): Trouble[];
};

/** Which lock: one thing on one connection. */
export type LockThing = { organizationId: OrganizationId; connectionId: ConnectionId; hardwareId: string };

/** Locks as features see them: one try, within a deadline, through the right driver, unless a breaker holds it back. */
export type LockHardwarePort = {
  list(organizationId: OrganizationId, connectionId: ConnectionId): Promise<LockHardware[]>;
  observe(lock: LockThing, lookFor: LookFor): Promise<LockObservation & { notAsked?: true }>;
  /** Gives up when the signal fires, too. Held back: refused, `notSent`. `lookFor`: who waits for it; people, if left out. */
  perform(
    lock: LockThing,
    command: LockCommand,
    signal: AbortSignal,
    lookFor?: LookFor,
  ): Promise<LockOutcome & { notSent?: true }>;
  /** How many milliseconds `perform` takes at most on such a connection. */
  performTakes(lock: LockThing): Promise<number>;
  /** null: they cannot be read, or could not be now. */
  codes(lock: LockThing): Promise<CodeOnLock[] | null>;
  records(lock: LockThing, since: Instant): Promise<LockRecord[] | null>;
  health(lock: LockThing): 'well' | 'failing' | 'held';
  /** The requests that its vendor allows have to last: what can wait waits. */
  spare(connectionId: ConnectionId): boolean;
};

/** Locks of an account, asked for by people alone; a 502 or 504 when the vendor cannot be asked. */
export type LockListsPort = Pick<LockHardwarePort, 'list'> & {
  /** The same by a configuration that is perhaps not saved yet. */
  tryOut(vendor: HardwareVendor, config: unknown): Promise<LockHardware[]>;
  /** A step of the talk by which an account is signed in to; null: this vendor needs none. */
  signIn(organizationId: OrganizationId, id: ConnectionId, step: SignInStep): Promise<SignedIn | null>;
};

/** A turn in a lane, while it lasts. */
export type Turn = {
  /** Fires when the turn is lost before the work is done: another process may have it now. Begin nothing more. */
  lost: AbortSignal;
};

/** From what is being decided straight to the engine of this process; its rounds, and those of others, find it in any case. */
export type AtOnce = {
  /** A session has something to do now: a hint, once that is committed. */
  hurry(organizationId: OrganizationId, id: SessionId): void;
  /**
   * A run may begin. Its first step is decided in this transaction, which holds the locks of the device and of the session,
   * where nobody else is at the device; what it asks of the hardware is done once that is committed.
   */
  begin(tx: Tx, device: DeviceRow, session: SessionRow): Promise<void>;
};

/** The same for the codes of a lock. */
export type LockHints = { hurry(organizationId: OrganizationId, id: LockId): void };

/** Work of people and of the engine on one relay, one at a time over all processes. */
export type Lanes = {
  /** Waits its turn; a 503 when that takes too long. */
  inLane<T>(key: string, work: (turn: Turn) => Promise<T>): Promise<T>;
  /** Does nothing (null) when somebody else is at it. */
  ifFree<T>(key: string, work: (turn: Turn) => Promise<T>): Promise<T | null>;
  /** Ours until it is left; null when somebody else is at it. */
  takeIfFree(key: string): Promise<{ turn: Turn; leave(): void } | null>;
};
