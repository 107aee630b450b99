import type { Command, Hardware, Observation, Outcome, Who } from '../drivers/port.ts';
import type { ConnectionId, OrganizationId } from '../rules/ids.ts';

/** Which relay: one channel of one thing on one connection. */
export type RelayRef = {
  organizationId: OrganizationId;
  connectionId: ConnectionId;
  hardwareId: string;
  channel: number;
};

export type HardwareVendor = 'shelly-lan' | 'shelly-cloud';

/** Hardware as features see it: one try, within a deadline, through the right driver. */
export type HardwarePort = {
  /** What hangs on a connection; a 502 or 504 when the vendor cannot be asked. */
  list(organizationId: OrganizationId, connectionId: ConnectionId): Promise<Hardware[]>;
  /** The same; where the vendor counts requests, a list of the last moments will do if it has this on it. */
  listWith(organizationId: OrganizationId, connectionId: ConnectionId, hardwareId: string): Promise<Hardware[]>;
  /** The same by a configuration that is perhaps not saved yet. */
  tryOut(vendor: HardwareVendor, config: unknown): Promise<Hardware[]>;
  /** `who`: for a person who waits (the default), or in the background, where a vendor counts requests. */
  observe(ref: RelayRef, who?: Who): Promise<Observation>;
  perform(ref: RelayRef, command: Command): Promise<Outcome>;
};

/** Work of people and of the engine on one relay, one at a time over all processes. */
export type Lanes = {
  /** Waits its turn; a 503 when that takes too long. */
  inLane<T>(key: string, work: () => Promise<T>): Promise<T>;
  /** Does nothing (null) when somebody else is at it. */
  ifFree<T>(key: string, work: () => Promise<T>): Promise<T | null>;
};
