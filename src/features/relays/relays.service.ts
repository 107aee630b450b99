import type { Kysely } from 'kysely';
import type { Database, Tx } from '../../database/open.ts';
import type { DB } from '../../database/types.ts';
import type { Observation } from '../../drivers/port.ts';
import type { HardwarePort, RelayRef } from '../../engine/port.ts';
import type { Clock } from '../../host/clock.ts';
import type { DeviceId, OrganizationId } from '../../rules/ids.ts';
import type { Instant } from '../../rules/instant.ts';
import { needsReading, type RelayState } from '../../rules/sessions/availability.ts';
import type { NoticesService } from '../notices/notices.service.ts';
import { findRelay, findRelays, lockRelay, type RelayRow, saveManual, saveObservation } from './relays.store.ts';

type Deps = { database: Database; clock: Clock; hardware: HardwarePort; notices: NoticesService };

/** What relays were last seen to be, from whichever source; a relay out of reach is a notice until it answers again. */
export function createRelays({ database, clock, hardware, notices }: Deps) {
  const reading = new Map<DeviceId, Promise<RelayRow | null>>();

  const find = (
    organizationId: OrganizationId,
    id: DeviceId,
    db: Kysely<DB> = database.read,
  ): Promise<RelayRow | null> => findRelay(db, organizationId, id);

  const findAll = (organizationId: OrganizationId, ids: readonly DeviceId[]) =>
    findRelays(database.read, organizationId, ids);

  async function record(tx: Tx, organizationId: OrganizationId, id: DeviceId, seen: Observation): Promise<void> {
    const before = await lockRelay(tx, organizationId, id);
    if (before.tried_at !== null && before.tried_at > seen.at) return; // something newer is known
    const since = seen.kind === 'unreachable' ? (before.unreachable_since ?? seen.at) : null;
    await saveObservation(tx, organizationId, id, seen, since);
    if (seen.kind === 'unreachable' && before.unreachable_since === null) {
      await notices.raise(tx, organizationId, 'device-offline', id, { why: seen.why });
    }
    if (seen.kind === 'relay' && before.unreachable_since !== null) {
      await notices.clear(tx, organizationId, 'device-offline', id);
    }
  }

  /** Reads the relay now and records what was seen. `besides`: what else its reader has to write, in the same commit. */
  async function read(
    ref: RelayRef,
    id: DeviceId,
    besides: (tx: Tx) => Promise<unknown> = async () => undefined,
  ): Promise<RelayRow | null> {
    const seen = await hardware.observe(ref);
    return database.transaction('relay-read', async (tx) => {
      await record(tx, ref.organizationId, id, seen);
      await besides(tx);
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
    const mine = read(ref, id).finally(() => reading.delete(id));
    reading.set(id, mine);
    return mine;
  }

  /** Staff switched it on until then; null: not any more. */
  const manual = (tx: Tx, organizationId: OrganizationId, id: DeviceId, until: Instant | null): Promise<void> =>
    saveManual(tx, organizationId, id, until);

  return { find, findAll, record, read, fresh, manual };
}

export type RelaysService = ReturnType<typeof createRelays>;
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
