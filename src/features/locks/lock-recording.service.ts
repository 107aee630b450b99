import { isDeepStrictEqual } from 'node:util';
import type { Tx } from '../../database/open.ts';
import type { LockHardware, LockObservation } from '../../drivers/lock-port.ts';
import type { Clock } from '../../host/clock.ts';
import { offlineSince } from '../../rules/devices/reach.ts';
import { ageOf, hours, type Instant, iso } from '../../rules/instant.ts';
import { batteryLimits } from '../../rules/locks/battery.ts';
import type { NoticesService } from '../notices/notices.service.ts';
import { batteriesOf, insertBattery, type LockRow, lockLock, saveLock } from './locks.store.ts';

type Deps = { clock: Clock; notices: NoticesService };

export type SeenFrom = NonNullable<LockRow['observed_from']>;
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
  ): Promise<LockRow | null> {
    if (seen.kind === 'unreachable' && seen.noTurn === true) return null;
    const before = await lockLock(tx, lock.organization_id, lock.id);
    if (before === null) return null;
    if (seen.notAsked === true && before.unreachable_since !== null) return null;
    const known = newestOf(before);
    if (known !== null && ageOf(known, clock.now()) !== null && known > seen.at) return null;
    return seen.kind === 'unreachable' ? missed(tx, before, seen) : answered(tx, before, seen, from);
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

  async function answered(tx: Tx, before: LockRow, seen: Answered, from: SeenFrom): Promise<LockRow> {
    const battery = await withBattery(tx, before, seen);
    const after = await saveLock(tx, before, {
      tried_at: seen.at,
      unreachable_since: null,
      trouble: null,
      ...bridgeSeen(seen),
      bolt: seen.bolt,
      bolt_since: seen.bolt === before.bolt ? (before.bolt_since ?? seen.at) : seen.at,
      observed_at: seen.at,
      observed_from: from,
      ...(seen.door === null ? {} : { door_state: seen.door }),
      ...battery,
    });
    await tellOf(tx, before, after, seen);
    return after;
  }

  /**
   * What its vendor lists of it. The battery there was stored at some time: the same level again may be months old, so only
   * another one is a reading. Writes nothing where nothing is new.
   */
  async function described(tx: Tx, before: LockRow, hardware: LockHardware): Promise<LockRow> {
    const { model, firmware, mac, capabilities, bridge, battery } = hardware;
    const now = clock.now();
    // the lock itself was asked not long ago: it knows better
    const asked = before.battery_at !== null && now - before.battery_at < hours(12);
    const level = battery === null || asked ? null : percent(battery);
    const bridgeOnline = bridge?.online ?? null;
    const seenLately = before.bridge_seen_at !== null && now - before.bridge_seen_at < hours(1);
    const changed = {
      ...(model === before.model ? {} : { model }),
      ...(firmware === before.firmware ? {} : { firmware }),
      ...(mac === before.mac ? {} : { mac }),
      ...(isDeepStrictEqual(capabilities, before.capabilities) ? {} : { capabilities }),
      ...(before.bridge_id === (bridge?.id ?? null) ? {} : { bridge_id: bridge?.id ?? null }),
      ...(bridgeOnline === null || (bridgeOnline === before.bridge_online && seenLately)
        ? {}
        : { bridge_online: bridgeOnline, bridge_seen_at: now }),
      ...(level === null || level === before.battery ? {} : { battery: level, battery_at: now }),
    };
    if (Object.keys(changed).length === 0) return before;
    if (level !== null && level !== before.battery) await insertBattery(tx, before, level, now);
    const after = await saveLock(tx, before, changed);
    if (bridgeOnline === false && before.bridge_online !== false) await bridgeAway(tx, before, now);
    if (bridgeOnline === true && before.bridge_online === false && before.unreachable_since === null) {
      await notices.clear(tx, before.organization_id, 'lock-offline', before.id);
    }
    await tellOfBattery(tx, before, after);
    return after;
  }

  const bridgeAway = (tx: Tx, { organization_id, id }: LockRow, at: Instant): Promise<void> =>
    notices.raise(tx, organization_id, 'lock-offline', id, {
      why: 'its gateway is offline',
      since: iso(at),
      bridge: true,
    });

  async function tellOf(tx: Tx, before: LockRow, after: LockRow, seen: Answered): Promise<void> {
    const { organization_id: organizationId, id } = before;
    if (seen.bridgeOnline === false) await bridgeAway(tx, before, seen.at);
    else if (before.unreachable_since !== null || before.bridge_online === false) {
      await notices.clear(tx, organizationId, 'lock-offline', id);
    }
    if (seen.bolt === 'jammed') await notices.raise(tx, organizationId, 'lock-jammed', id, { since: iso(seen.at) });
    else if (before.bolt === 'jammed' && after.bolt !== 'unknown' && after.bolt !== 'jammed') {
      await notices.clear(tx, organizationId, 'lock-jammed', id);
    }
    await tellOfBattery(tx, before, after);
  }

  async function tellOfBattery(tx: Tx, before: LockRow, after: LockRow): Promise<void> {
    const { organization_id: organizationId, id, battery } = after;
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

  async function withBattery(tx: Tx, before: LockRow, { battery, at }: Answered) {
    if (battery === null) return {};
    const level = percent(battery);
    const [last] = level !== before.battery ? [] : await batteriesOf(tx, before, { limit: 1, before: null });
    if (last === undefined || at - last.at >= hours(24)) await insertBattery(tx, before, level, at);
    return { battery: level, battery_at: at };
  }

  /** So long nobody knows how full it is. */
  async function batteryUnknown(tx: Tx, row: LockRow): Promise<void> {
    const facts = { since: iso(row.battery_at ?? row.created_at), battery: row.battery };
    await notices.raise(tx, row.organization_id, 'lock-battery-unknown', row.id, facts);
  }

  return { record, described, batteryUnknown };
}

const percent = (battery: number): number => Math.max(0, Math.min(100, Math.round(battery)));

/** When anything was last known of it. */
function newestOf({ tried_at, observed_at }: LockRow): Instant | null {
  return tried_at === null && observed_at === null ? null : Math.max(tried_at ?? 0, observed_at ?? 0);
}

const bridgeSeen = ({ bridgeOnline, at }: LockObservation) =>
  bridgeOnline === null ? {} : { bridge_online: bridgeOnline, bridge_seen_at: at };
