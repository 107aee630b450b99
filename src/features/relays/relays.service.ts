import type { Kysely } from 'kysely';
import type { Database, Tx } from '../../database/open.ts';
import type { DB } from '../../database/types.ts';
import type { LookFor, Observation } from '../../drivers/port.ts';
import type { HardwarePort, RelayRef } from '../../engine/port.ts';
import type { Clock } from '../../host/clock.ts';
import type { Random } from '../../host/random.ts';
import { novelty } from '../../rules/devices/novelty.ts';
import { offlineSince } from '../../rules/devices/reach.ts';
import type { DeviceId, OrganizationId } from '../../rules/ids.ts';
import { ageOf, hours, type Instant, iso } from '../../rules/instant.ts';
import { shown } from '../../rules/metering/energy.ts';
import { needsReading, type RelayState } from '../../rules/sessions/availability.ts';
import type { Stretch } from '../../rules/timeline/moments.ts';
import type { NoticesService } from '../notices/notices.service.ts';
import { insertObservation, type ObservationRow, observationsAlong, removeObservations } from './observations.store.ts';
import {
  findRelay,
  findRelays,
  holdRelay,
  lockRelay,
  type RelayRow,
  removeRelay,
  saveManual,
  saveRelay,
} from './relays.store.ts';

type Deps = { database: Database; clock: Clock; random: Random; hardware: HardwarePort; notices: NoticesService };

/** How long it is kept what relays were seen to be. */
const observationsKept = hours(24 * 90);
const forgottenAtOnce = 1000;

/**
 * What relays were last seen to be, from whichever source; and what changed of it, for the record. A relay that misses
 * more than one answer is a notice until it answers again.
 */
export function createRelays({ database, clock, random, hardware, notices }: Deps) {
  const reading = new Map<DeviceId, Promise<RelayRow | null>>();

  const find = (
    organizationId: OrganizationId,
    id: DeviceId,
    db: Kysely<DB> = database.read,
  ): Promise<RelayRow | null> => findRelay(db, organizationId, id);

  const findAll = (organizationId: OrganizationId, ids: readonly DeviceId[]) =>
    findRelays(database.read, organizationId, ids);

  /**
   * What was not asked tells nothing new of a relay that is out of reach already, and counts as no try; where only our
   * turn did not come, it tells nothing of any. False: nothing was changed, or something newer is known.
   */
  async function record(
    tx: Tx,
    organizationId: OrganizationId,
    id: DeviceId,
    seen: Observation & { notAsked?: true },
  ): Promise<boolean> {
    if (seen.kind === 'unreachable' && seen.noTurn === true) return false;
    const before = await lockRelay(tx, organizationId, id);
    if (seen.notAsked === true && before.unreachable_since !== null) return false;
    const known = before.tried_at === null ? null : ageOf(before.tried_at, clock.now());
    if (known !== null && before.tried_at !== null && before.tried_at > seen.at) return false; // something newer is known
    if (seen.kind === 'unreachable') await missed(tx, before, seen);
    else await answered(tx, before, seen);
    return true;
  }

  async function missed(tx: Tx, before: RelayRow, seen: Extract<Observation, { kind: 'unreachable' }>): Promise<void> {
    const { organization_id: organizationId, device_id: id } = before;
    const since = offlineSince(
      { unreachableSince: before.unreachable_since, offlineSince: before.offline_since },
      seen.at,
    );
    await saveRelay(tx, before, {
      tried_at: seen.at,
      unreachable_since: before.unreachable_since ?? seen.at,
      trouble: seen.why,
      ...(since === null ? {} : { offline_since: since, online_since: null }),
    });
    if (since === null || before.offline_since !== null) return;
    await observe(tx, before, { kind: 'offline', at: since, why: seen.why });
    await notices.raise(tx, organizationId, 'device-offline', id, { why: seen.why, since: iso(since) });
  }

  async function answered(tx: Tx, before: RelayRow, seen: Extract<Observation, { kind: 'relay' }>): Promise<void> {
    const { organization_id: organizationId, device_id: id } = before;
    const told = { output: before.output, watts: before.noted_watts, wattsAt: before.noted_at };
    const news = novelty(told, seen);
    const output = seen.on ? ('on' as const) : ('off' as const);
    await saveRelay(tx, before, {
      tried_at: seen.at,
      seen_at: seen.at,
      unreachable_since: null,
      offline_since: null,
      online_since: before.online_since ?? seen.at,
      output,
      output_since: output === before.output ? (before.output_since ?? seen.at) : seen.at,
      auto_off_at: seen.autoOffAt,
      power_watts: seen.powerWatts,
      energy_counter: shown(before.energy_counter, seen.energyWh ?? null), // not every reading tells it
      source: seen.source,
      trouble: null,
      ...(news === null || seen.powerWatts === null ? {} : { noted_watts: seen.powerWatts, noted_at: seen.at }),
    });
    if (before.offline_since !== null) {
      await observe(tx, before, { kind: 'online', at: seen.at });
      await notices.clear(tx, organizationId, 'device-offline', id);
    }
    if (news !== null) {
      await observe(tx, before, { kind: news, at: seen.at, watts: seen.powerWatts, source: seen.source });
    }
    if (output === 'off' && before.output !== 'off') {
      await notices.clear(tx, organizationId, 'relay-on-without-session', id);
      await notices.clearOf(tx, organizationId, 'session-lost-sight', id);
    }
  }

  async function observe(
    tx: Tx,
    { organization_id, device_id }: RelayRow,
    what: Pick<ObservationRow, 'kind' | 'at'> & Partial<Pick<ObservationRow, 'watts' | 'source' | 'why'>>,
  ): Promise<void> {
    const empty = { watts: null, source: null, why: null };
    await insertObservation(tx, { organization_id, device_id, id: random.id('observation'), ...empty, ...what });
  }

  /** It is on and nobody asked for that: somebody has to find out who did. Callers hold the device's lock. */
  async function foundOn(tx: Tx, organizationId: OrganizationId, id: DeviceId): Promise<void> {
    const now = await holdRelay(tx, organizationId, id); // a reading that says off waits, and clears it
    if (now === null || now.output !== 'on') return;
    const { output_since, power_watts: watts, source } = now;
    await notices.raise(tx, organizationId, 'relay-on-without-session', id, {
      since: iso(output_since),
      watts,
      source,
    });
  }

  /**
   * Reads the relay now and records what was seen. `besides`: what else its reader has to write, in the same commit; false:
   * this is not the device's relay any more, and what was seen tells nothing of it. Null then.
   */
  async function read(
    ref: RelayRef,
    id: DeviceId,
    lookFor: LookFor = 'people',
    besides: (tx: Tx, seen: Observation) => Promise<unknown> = async () => undefined,
  ): Promise<RelayRow | null> {
    const seen = await hardware.observe(ref, lookFor);
    return database.transaction('relay-read', async (tx) => {
      // locks the device, which comes before its relay
      if ((await besides(tx, seen)) === false) return null;
      await record(tx, ref.organizationId, id, seen);
      return findRelay(tx, ref.organizationId, id);
    });
  }

  /** What is known, read anew when that is too old to take money on it. */
  async function fresh(ref: RelayRef, id: DeviceId): Promise<RelayRow | null> {
    const known = await findRelay(database.read, ref.organizationId, id);
    return needsReading(relayState(known), clock.now()) ? readShared(ref, id) : known;
  }

  /** However many guests look at once, the device is asked once. */
  function readShared(ref: RelayRef, id: DeviceId): Promise<RelayRow | null> {
    const under = reading.get(id);
    if (under !== undefined) return under;
    const mine = read(ref, id, 'people').finally(() => reading.delete(id));
    reading.set(id, mine);
    return mine;
  }

  /** Staff switched it on until then; null: not any more. What is known of it. */
  const manual = (tx: Tx, organizationId: OrganizationId, id: DeviceId, until: Instant | null): Promise<RelayRow> =>
    saveManual(tx, organizationId, id, until);

  /** What the hardware says of itself; null where it could not be asked, and then it is asked before long. */
  async function describe(
    tx: Tx,
    organizationId: OrganizationId,
    id: DeviceId,
    what: { model: string | null; firmware: string | null } | null,
  ): Promise<void> {
    if (what === null) return;
    const { model, firmware } = what;
    const row = await lockRelay(tx, organizationId, id);
    await saveRelay(tx, row, { model, firmware, described_at: clock.now() });
  }

  /** The device has other hardware from now on, or none: nothing that was seen counts any more. */
  async function forget(tx: Tx, organizationId: OrganizationId, id: DeviceId): Promise<void> {
    await removeRelay(tx, organizationId, id);
    await notices.clearAll(tx, organizationId, id);
    await notices.clearOf(tx, organizationId, 'session-lost-sight', id); // nobody will ever see that relay off
  }

  const along = (organizationId: OrganizationId, id: DeviceId, stretch: Stretch): Promise<ObservationRow[]> =>
    observationsAlong(database.read, organizationId, id, stretch);

  /** Takes away what was seen long ago, in small commits that hold up nobody; answers how many. */
  async function forgetOld(): Promise<number> {
    const before = clock.now() - observationsKept;
    for (let sum = 0; ; ) {
      const gone = await database.transaction('observations-forgotten', (tx) =>
        removeObservations(tx, before, forgottenAtOnce),
      );
      sum += gone;
      if (gone < forgottenAtOnce) return sum;
    }
  }

  return { find, findAll, record, foundOn, read, fresh, manual, describe, forget, along, forgetOld };
}

export type RelaysService = ReturnType<typeof createRelays>;
export type { ObservationRow } from './observations.store.ts';
export type { RelayRow } from './relays.store.ts';

/** What is known of a relay, as the rules see it. */
export function relayState(row: RelayRow | null): RelayState | null {
  if (row === null) return null;
  return {
    output: row.output,
    seenAt: row.seen_at,
    triedAt: row.tried_at,
    unreachableSince: row.unreachable_since,
    manualUntil: row.manual_until,
  };
}
