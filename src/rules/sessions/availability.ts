import { type Instant, seconds } from '../instant.ts';

/** A reading older than this is not believed before money is taken: the device is read again. */
export const freshFor = seconds(30);

export type RelayState = {
  output: 'on' | 'off' | null;
  seenAt: Instant | null;
  triedAt: Instant | null;
  unreachableSince: Instant | null;
  manualUntil: Instant | null;
};

export type Availability = 'ready' | 'maintenance' | 'offline' | 'unknown' | 'switched-on';

/** Whether money may be taken for this device now, from its status and its last reading. Fails closed: not read lately is `unknown`. */
export function availability(status: 'ACTIVE' | 'MAINTENANCE', relay: RelayState | null, now: Instant): Availability {
  if (status === 'MAINTENANCE') return 'maintenance';
  if (relay === null) return 'unknown';
  if (relay.unreachableSince !== null) return 'offline';
  // seen in the future: the clock was set back, and nothing is known of how old it is
  if (relay.seenAt === null || Math.abs(now - relay.seenAt) > freshFor || relay.output === null) return 'unknown';
  if (relay.output === 'on') return 'switched-on';
  return 'ready';
}

/**
 * A look older than this is repeated before a guest is told anything. Well below `freshFor`: reading a relay costs
 * milliseconds, an unplugged machine that is sold costs a guest's patience.
 */
const lookAgainAfter = seconds(3);

/** Whether the device is to be read before `availability` is asked. */
export function needsReading(relay: RelayState | null, now: Instant): boolean {
  const looked = relay?.triedAt ?? null;
  return looked === null || looked > now || now - looked > lookAgainAfter;
}
