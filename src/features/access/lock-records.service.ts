import type { Database, Tx } from '../../database/open.ts';
import type { LockRecord } from '../../drivers/lock-port.ts';
import type { Clock } from '../../host/clock.ts';
import type { OrganizationId, PassId, PersonId } from '../../rules/ids.ts';
import { type Instant, minutes, seconds } from '../../rules/instant.ts';
import { accessTold, boltAfter } from '../../rules/locks/record.ts';
import type { AccessEvents } from '../access-events/access-events.service.ts';
import type { LockCommandsService } from '../commands/lock-commands.service.ts';
import type { LockRow, LocksService } from '../locks/locks.service.ts';
import type { PlacesService } from './places.service.ts';

/** Whose code or QR it was that a lock tells of; `passId`: it was bought with that pass. */
export type Whose = { kind: string; ref: string; personId: PersonId | null; passId?: PassId };

/** Knows whose it is, and notes that it was used; asked once for each record. null: not one of its own. */
export type Witness = (tx: Tx, lock: LockRow, record: LockRecord) => Promise<Whose | null>;

type Deps = {
  database: Database;
  clock: Clock;
  locks: LocksService;
  places: PlacesService;
  lockCommands: LockCommandsService;
  accessEvents: AccessEvents;
  witnesses: readonly Witness[];
  /** Somebody came in by a pass: seen by the lock itself. */
  cameIn: (tx: Tx, organizationId: OrganizationId, id: PassId, at: Instant) => Promise<void>;
};

/** A lock's clock may go ahead of ours by so much; what lies further ahead is no time. */
const ahead = minutes(10);

/**
 * What a lock's own book tells: who came in at the lock itself, and that an unlock which nobody heard of was done. Told
 * twice, it is written down once. Digits in it are seen by the witnesses alone.
 */
export function createLockRecords(deps: Deps) {
  const { database, clock, locks, places, lockCommands, accessEvents, witnesses, cameIn } = deps;

  /** `until`: up to when the book was read. Answers how many of them were news. */
  async function take(lock: LockRow, records: readonly LockRecord[], until: Instant): Promise<number> {
    const known = records.filter(({ at }) => at <= clock.now() + ahead);
    return database.transaction('lock-records', async (tx) => {
      const row = await locks.lock(tx, lock.organization_id, lock.id);
      if (row === null) return 0;
      let news = 0;
      for (const record of known) if (await takeOne(tx, row, record)) news += 1;
      await moved(tx, row, known);
      await locks.readUntil(tx, row, until);
      return news;
    });
  }

  async function takeOne(tx: Tx, lock: LockRow, record: LockRecord): Promise<boolean> {
    const told = accessTold(record);
    if (told === null) return false;
    const source = `${lock.id} ${record.id}`;
    if (await accessEvents.isTold(tx, lock.organization_id, record.at, source)) return false;
    if (record.by === 'remote' && record.did === 'unlocked') {
      const { ours, passId } = await lockCommands.proved(tx, lock, 'unlock', record.at);
      if (passId !== null) await cameIn(tx, lock.organization_id, passId, record.at);
      if (ours) return false; // its access event was written when it was decided
    }
    let whose: Whose | null = null;
    for (const witness of witnesses) whose ??= await witness(tx, lock, record);
    const place = await places.ofLock(lock.organization_id, lock.id, tx);
    if (place === null) return false;
    const id = await accessEvents.record(tx, {
      organizationId: lock.organization_id,
      place,
      credential: { kind: whose?.kind ?? record.by, ref: whose?.ref ?? null },
      ...told,
      api: 'lock',
      personId: whose?.personId ?? null,
      told: { at: record.at, source },
      details: { by: record.by, ...(record.who === null ? {} : { who: record.who }) },
    });
    if (whose?.passId !== undefined && told.decision === 'granted') {
      await cameIn(tx, lock.organization_id, whose.passId, record.at);
    }
    return id !== null;
  }

  /** What the book says of the bolt, where nobody has looked since. */
  async function moved(tx: Tx, lock: LockRow, records: readonly LockRecord[]): Promise<void> {
    const last = boltAfter(records);
    const seenAt = lock.observed_at ?? 0;
    // books know whole seconds: what happened in the second of the last look may have come after it
    if (last === null || seenAt >= last.at + seconds(1) || lock.unreachable_since !== null) return;
    const at = Math.min(Math.max(last.at, seenAt), clock.now());
    const newest = records.findLast((one) => one.at === last.at);
    const battery = newest?.battery ?? null;
    await locks.record(
      tx,
      lock,
      { kind: 'lock', bolt: last.bolt, door: null, battery, bridgeOnline: null, at },
      'record',
    );
  }

  return { take };
}

export type LockRecords = ReturnType<typeof createLockRecords>;
