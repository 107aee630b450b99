import type { Tx } from '../../database/open.ts';
import type { LockObservation } from '../../drivers/lock-port.ts';
import type { Clock } from '../../host/clock.ts';
import { offlineSince } from '../../rules/devices/reach.ts';
import { ageOf, hours, type Instant, iso } from '../../rules/instant.ts';
import { batteryLimits } from '../../rules/locks/battery.ts';
import type { NoticesService } from '../notices/notices.service.ts';
import { batteriesOf, insertBattery, type LockRow, lockLock, saveLock } from './locks.store.ts';

type Deps = { clock: Clock; notices: NoticesService };

export type SeenFrom = NonNullable<LockRow['observed_from']>;
/** `stored`: what the vendor had stored, perhaps long ago; what it does not tell is as it was. */
type How = { stored?: boolean };
type Answered = Extract<LockObservation, { kind: 'lock' }>;
type Missed = Extract<LockObservation, { kind: 'unreachable' }>;

/** Writes down what locks were seen to be, and raises or ends what a person has to know of it. */
export function createLockRecording({ clock, notices }: Deps) {
  /** The lock as it is known then; null: nothing was changed, something newer is known. */
  async function record(
    tx: Tx,
    lock: LockRow,
    seen: LockObservation & { notAsked?: true },
    from: SeenFrom,
    how: How = {},
  ): Promise<LockRow | null> {
    if (seen.kind === 'unreachable' && seen.noTurn === true) return null;
    const before = await lockLock(tx, lock.organization_id, lock.id);
    if (before === null) return null;
    if (seen.notAsked === true && before.unreachable_since !== null) return null;
    const known = newestOf(before);
    if (known !== null && ageOf(known, clock.now()) !== null && known > seen.at) return null;
    return seen.kind === 'unreachable'
      ? missed(tx, before, seen)
      : answered(tx, before, seen, from, how.stored === true);
  }

  async function missed(tx: Tx, before: LockRow, seen: Missed): Promise<LockRow> {
    const after = await saveLock(tx, before, {
      tried_at: seen.at,
      unreachable_since: before.unreachable_since ?? seen.at,
      trouble: seen.why,
      ...bridgeSeen(seen),
    });
    if (seen.reason === 'no-bridge') return after; // a phone alone reaches it: it was never online
    const since = offlineSince({ unreachableSince: before.unreachable_since, offlineSince: null }, seen.at);
    if (since !== null || seen.bridgeOnline === false) {
      const facts = { why: seen.why, since: iso(since ?? seen.at), bridge: seen.bridgeOnline === false };
      await notices.raise(tx, before.organization_id, 'lock-offline', before.id, facts);
    }
    return after;
  }

  async function answered(tx: Tx, before: LockRow, seen: Answered, from: SeenFrom, stored: boolean): Promise<LockRow> {
    // what a vendor's memory does not know of a bolt is no news of it: it only gets older
    const tellsBolt = !(stored && seen.bolt === 'unknown');
    const battery = await withBattery(tx, before, seen, stored);
    const after = await saveLock(tx, before, {
      tried_at: seen.at,
      unreachable_since: null,
      trouble: null,
      ...bridgeSeen(seen),
      ...(tellsBolt
        ? {
            bolt: seen.bolt,
            bolt_since: seen.bolt === before.bolt ? (before.bolt_since ?? seen.at) : seen.at,
            observed_at: seen.at,
            observed_from: from,
          }
        : {}),
      ...(seen.door === null ? {} : { door_state: seen.door }),
      ...battery,
    });
    await tellOf(tx, before, after, seen);
    return after;
  }

  async function tellOf(tx: Tx, before: LockRow, after: LockRow, seen: Answered): Promise<void> {
    const { organization_id: organizationId, id } = before;
    const bridgeAway = seen.bridgeOnline === false;
    if (bridgeAway) {
      const facts = { why: 'its gateway is offline', since: iso(seen.at), bridge: true };
      await notices.raise(tx, organizationId, 'lock-offline', id, facts);
    } else if (before.unreachable_since !== null || before.bridge_online === false) {
      await notices.clear(tx, organizationId, 'lock-offline', id);
    }
    if (seen.bolt === 'jammed') await notices.raise(tx, organizationId, 'lock-jammed', id, { since: iso(seen.at) });
    else if (before.bolt === 'jammed' && after.bolt !== 'unknown' && after.bolt !== 'jammed') {
      await notices.clear(tx, organizationId, 'lock-jammed', id);
    }
    const { battery } = after;
    if (battery !== null && battery <= batteryLimits.lowAt) {
      await notices.raise(tx, organizationId, 'lock-battery-low', id, { battery });
    } else if (
      battery !== null &&
      battery >= batteryLimits.wellAbove &&
      (before.battery ?? 100) < batteryLimits.wellAbove
    ) {
      await notices.clear(tx, organizationId, 'lock-battery-low', id);
    }
    if (after.battery_at !== before.battery_at) await notices.clear(tx, organizationId, 'lock-battery-unknown', id);
  }

  /** A level that a vendor has stored is as fresh as its last change: the same again may be months old. */
  async function withBattery(tx: Tx, before: LockRow, { battery, at }: Answered, stored: boolean) {
    if (battery === null) return {};
    const level = Math.max(0, Math.min(100, Math.round(battery)));
    const moved = level !== before.battery;
    if (stored && !moved) return before.battery_at === null ? { battery: level, battery_at: at } : {};
    const [last] = moved ? [] : await batteriesOf(tx, before, { limit: 1, before: null });
    if (last === undefined || at - last.at >= hours(24)) await insertBattery(tx, before, level, at);
    return { battery: level, battery_at: at };
  }

  return { record };
}

/** When anything was last known of it. */
function newestOf({ tried_at, observed_at }: LockRow): Instant | null {
  return tried_at === null && observed_at === null ? null : Math.max(tried_at ?? 0, observed_at ?? 0);
}

const bridgeSeen = ({ bridgeOnline, at }: LockObservation) =>
  bridgeOnline === null ? {} : { bridge_online: bridgeOnline, bridge_seen_at: at };
