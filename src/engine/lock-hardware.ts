import type { Log } from '../database/log.ts';
import type { LockCommand, LockDriver, LockObservation, LockOutcome, LockRefusal } from '../drivers/lock-port.ts';
import { type HardwareVendor, type LookFor, type RefusalReason, VendorFault } from '../drivers/port.ts';
import type { Clock } from '../host/clock.ts';
import type { ConnectionId, OrganizationId } from '../rules/ids.ts';
import { seconds } from '../rules/instant.ts';
import type { Breakers, Ended, Need, Permit } from './breaker.ts';
import type { OpenDrivers, Taken } from './open-drivers.ts';
import type { LockHardwarePort, LockListsPort, LockThing } from './port.ts';

type Options = {
  clock: Clock;
  drivers: OpenDrivers;
  breakers: Breakers;
  lists: Pick<LockListsPort, 'list'>;
  spare: LockHardwarePort['spare'];
  log: Log;
};

/**
 * Deadlines of one try on a lock. A command that goes through a vendor's cloud, a gateway and the air takes seconds; who
 * stands at a door is answered within 15 s, all in all.
 */
type Deadlines = { perform: number; observe: number; read: number };
const usual: Deadlines = { perform: seconds(12), observe: seconds(10), read: seconds(20) };
const particular: Partial<Record<HardwareVendor, Deadlines>> = {};
const deadlinesOf = (vendor: HardwareVendor): Deadlines => particular[vendor] ?? usual;

type Locks = Taken & { locks: LockDriver };

/** Brings a wish to the right lock driver, within a deadline, unless a breaker holds it back. */
export function createLockHardware({ clock, drivers, breakers, lists, spare, log }: Options) {
  async function observe(lock: LockThing, lookFor: LookFor): Promise<LockObservation & { notAsked?: true }> {
    const away = (why: string, reason: LockRefusal) =>
      ({ kind: 'unreachable', why, reason, bridgeOnline: null, at: clock.now() }) as const;
    const taken = await take(lock);
    if (typeof taken === 'string') return away(taken, 'credentials');
    return asked(taken, lock, lookFor === 'people' ? 'look' : 'background', {
      held: ({ error, reason }) => ({ ...away(error, reason), notAsked: true }),
      work: ({ locks, vendor }) => locks.observe(refOf(lock), clock.deadline(deadlinesOf(vendor).observe), lookFor),
      ended: endOfLook,
    });
  }

  async function perform(
    lock: LockThing,
    command: LockCommand,
    signal: AbortSignal,
    lookFor: LookFor = 'people',
  ): Promise<LockOutcome & { notSent?: true }> {
    const taken = await take(lock);
    if (typeof taken === 'string') return { kind: 'refused', reason: 'credentials', detail: taken, notSent: true };
    return asked(taken, lock, lookFor === 'background' ? 'background' : needOf(command), {
      held: ({ reason, error, retryAfterSeconds }) => {
        const detail = `not sent, since it keeps failing: ${error}`;
        return { kind: 'refused', reason, detail, retryAfterSeconds, notSent: true };
      },
      async work({ locks, vendor }) {
        const outcome = await locks.perform(refOf(lock), command, clock.deadline(deadlinesOf(vendor).perform, signal));
        return outcome.kind === 'refused' && outcome.noTurn === true ? { ...outcome, notSent: true } : outcome;
      },
      ended: (outcome) => (signal.aborted ? 'nothing' : endOf(outcome)),
    });
  }

  async function performTakes({ organizationId, connectionId }: LockThing): Promise<number> {
    const taken = await take({ organizationId, connectionId, hardwareId: '' });
    if (typeof taken === 'string') return usual.perform;
    taken.release();
    return deadlinesOf(taken.vendor).perform;
  }

  /** What can be read of a lock; null where it cannot be, or could not be now. */
  async function read<T>(
    lock: LockThing,
    reading: (locks: LockDriver, signal: AbortSignal) => Promise<T> | undefined,
  ): Promise<T | null> {
    const taken = await take(lock);
    if (typeof taken === 'string') return null;
    return asked<T | null>(taken, lock, 'background', {
      held: () => null,
      async work({ locks, vendor }) {
        return (await reading(locks, clock.deadline(deadlinesOf(vendor).read))) ?? null;
      },
      ended: () => 'nothing', // it may have been read from what the vendor has stored
      failed: () => null,
    });
  }

  type Asked<T> = {
    held: (permit: Extract<Permit, { kind: 'held' }>) => T;
    work: (taken: Locks) => Promise<T>;
    ended: (result: T) => Ended;
    failed?: (fault: VendorFault) => T;
  };
  /** Gives the driver back whatever happens. */
  async function asked<T>(taken: Locks, lock: LockThing, need: Need, how: Asked<T>): Promise<T> {
    try {
      const permit = breakers.ask(lock.connectionId, lock.hardwareId, need);
      if (permit.kind === 'held') return how.held(permit);
      let ended: Ended = 'nothing';
      try {
        const result = await how.work(taken);
        ended = how.ended(result);
        return result;
      } catch (error) {
        if (!(error instanceof VendorFault) || how.failed === undefined) throw error;
        ended = { ...error.facts, reason: error.reason, error: error.message };
        return how.failed(error);
      } finally {
        permit.ended(ended);
      }
    } finally {
      taken.release();
    }
  }

  /** A connection that cannot be used is a fault of that lock, not of whoever asks: said in words. */
  async function take({ organizationId, connectionId }: LockThing): Promise<Locks | string> {
    try {
      const taken = await drivers.take(organizationId, connectionId);
      const { locks } = taken.driver;
      if (locks !== undefined) return { ...taken, locks };
      taken.release();
      return 'the connection has no locks';
    } catch (error) {
      log.error({ err: error }, 'A connection cannot be used.');
      return 'the connection cannot be used';
    }
  }

  /** What a vendor's callback says; null: it is none. */
  async function told(organizationId: OrganizationId, connectionId: ConnectionId, body: string) {
    const taken = await take({ organizationId, connectionId, hardwareId: '' });
    if (typeof taken === 'string') return null;
    try {
      return taken.locks.receive?.(body) ?? null;
    } finally {
      taken.release();
    }
  }

  const port: LockHardwarePort = {
    list: lists.list,
    observe,
    perform,
    performTakes,
    codes: (lock) => read(lock, (locks, signal) => locks.codes?.(refOf(lock), signal)),
    records: (lock, since) => read(lock, (locks, signal) => locks.records?.(refOf(lock), since, signal)),
    health: (lock) => breakers.health(lock.connectionId, lock.hardwareId),
    spare,
  };
  return { ...port, told };
}

const refOf = ({ hardwareId }: LockThing) => ({ hardwareId });

/** Those who wait at a door are not kept waiting by those who wait for a code. */
function needOf({ kind }: LockCommand): Need {
  if (kind === 'unlock') return 'unlock';
  return kind === 'lock' ? 'lock' : 'on';
}

function endOfLook(seen: LockObservation): Ended {
  if (seen.kind === 'lock') return 'worked';
  if (seen.noTurn === true) return 'nothing';
  const { kind: _kind, bridgeOnline: _bridge, at: _at, why, reason, ...facts } = seen;
  return { ...facts, reason: plainly(reason ?? 'unreachable') ?? 'unreachable', error: why };
}

/** A plain no of the lock itself is an answer: the line to it works. */
function endOf(outcome: LockOutcome): Ended {
  if (outcome.kind === 'confirmed' || outcome.kind === 'accepted') return 'worked';
  if (outcome.kind === 'refused' && outcome.noTurn === true) return 'nothing';
  const { kind: _kind, detail: error, ...rest } = outcome;
  if (outcome.kind === 'unknown') return { ...rest, reason: 'unreachable', error };
  const reason = plainly(outcome.reason);
  if (reason === null && outcome.wholeConnection !== true) return 'worked';
  return { ...rest, reason: reason ?? 'busy', error };
}

/** The trouble in the words of all hardware; null: it was answered. */
function plainly(reason: LockRefusal): RefusalReason | null {
  switch (reason) {
    case 'unreachable':
    case 'bridge-offline':
    case 'no-bridge':
    case 'asleep':
      return 'unreachable';
    case 'credentials':
    case 'not-found':
      return reason;
    default:
      return null;
  }
}
