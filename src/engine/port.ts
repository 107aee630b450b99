import type { Command, Hardware, Observation, Outcome } from '../drivers/port.ts';
import type { ConnectionId, OrganizationId, SessionId } from '../rules/ids.ts';

/** Which relay: one channel of one thing on one connection. */
export type RelayRef = {
  organizationId: OrganizationId;
  connectionId: ConnectionId;
  hardwareId: string;
  channel: number;
};

/** Hardware as features see it: one try, within a deadline, through the right driver. */
export type HardwarePort = {
  /** What hangs on a connection; a 502 or 504 when the vendor cannot be asked. */
  list(organizationId: OrganizationId, connectionId: ConnectionId): Promise<Hardware[]>;
  observe(ref: RelayRef): Promise<Observation>;
  perform(ref: RelayRef, command: Command): Promise<Outcome>;
};

/** Says that a session has something to do now. A hint to this process's engine: its rounds find it in any case. */
export type AtOnce = { hurry(organizationId: OrganizationId, id: SessionId): void };

/** Work of people and of the engine on one relay, one at a time over all processes. */
export type Lanes = {
  /** Waits its turn; a 503 when that takes too long. */
  inLane<T>(key: string, work: () => Promise<T>): Promise<T>;
  /** Does nothing (null) when somebody else is at it. */
  ifFree<T>(key: string, work: () => Promise<T>): Promise<T | null>;
};
