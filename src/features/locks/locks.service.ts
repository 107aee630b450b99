import type { Kysely } from 'kysely';
import type { Database, Tx } from '../../database/open.ts';
import { standInLine } from '../../database/stand-in-line.ts';
import type { DB } from '../../database/types.ts';
import type { LockCapabilities, LockHardware } from '../../drivers/lock-port.ts';
import type { LockThing } from '../../engine/port.ts';
import type { Clock } from '../../host/clock.ts';
import type { Random } from '../../host/random.ts';
import type { Actor } from '../../rules/accounts/actor.ts';
import { notFound, Problem } from '../../rules/errors.ts';
import type { ConnectionId, LockId, OrganizationId } from '../../rules/ids.ts';
import { hours, type Instant } from '../../rules/instant.ts';
import { type BatteryTrend, batteryLimits, batteryTrend } from '../../rules/locks/battery.ts';
import { laneName } from '../../rules/locks/seen.ts';
import { required } from '../../rules/text.ts';
import type { Audit } from '../audit/audit.service.ts';
import type { NoticesService } from '../notices/notices.service.ts';
import { createLockRecording } from './lock-recording.service.ts';
import {
  type BatteryRow,
  batteriesOf,
  batteriesOfMany,
  codesOn,
  doorOfLock,
  doorsOfLocks,
  findAnyLock,
  findAnyLocks,
  findLock,
  findLockByHardware,
  findLockByWireId,
  insertLock,
  type LockRow,
  listLocks,
  lockLock,
  locksAfter,
  locksMovedLately,
  locksOn,
  locksWithOldBattery,
  saveLock,
  wakeCodes,
} from './locks.store.ts';

export type LockChange = { name?: string; unmanaged?: LockRow['unmanaged'] };

type Deps = { database: Database; clock: Clock; random: Random; audit: Audit; notices: NoticesService };

/** A trend is told of so much: older readings say nothing of this battery. */
const trendOver = hours(24 * 60);

/** Locks: what they are, and what they were last seen to be. Nothing here asks hardware anything. */
export function createLocks({ database, clock, random, audit, notices }: Deps) {
  const { record, described, batteryUnknown } = createLockRecording({ clock, notices });

  const list = (actor: Actor, page: { limit: number; after: string | null }): Promise<LockRow[]> =>
    listLocks(database.read, actor.organizationId, actor.scope, page);

  async function get(actor: Actor, id: string, db: Kysely<DB> = database.read): Promise<LockRow> {
    const row = await findLock(db, actor.organizationId, actor.scope, id);
    if (row === null) throw notFound('Lock not found');
    return row;
  }

  /** Whether the actor may see it, deleted or not: what was asked of it stays readable. */
  async function visible(actor: Actor, id: LockId): Promise<LockRow | null> {
    const row = await findLock(database.read, actor.organizationId, actor.scope, id);
    return row ?? (actor.scope === 'all' ? findAnyLock(database.read, actor.organizationId, id) : null);
  }

  /** Also a deleted one. */
  const any = (organizationId: OrganizationId, id: LockId, db: Kysely<DB> = database.read): Promise<LockRow | null> =>
    findAnyLock(db, organizationId, id);

  const anyOf = (organizationId: OrganizationId, ids: readonly LockId[]): Promise<LockRow[]> =>
    findAnyLocks(database.read, organizationId, ids);

  /**
   * Locks its row until the transaction ends; null where it is gone. Taken after the door's row, and before those of its
   * codes, passes and payments.
   */
  const lock = (tx: Tx, organizationId: OrganizationId, id: LockId): Promise<LockRow | null> =>
    lockLock(tx, organizationId, id);

  /** The lock of ours that this hardware is; made where it is not one yet. */
  async function add(
    tx: Tx,
    organizationId: OrganizationId,
    connectionId: ConnectionId,
    hardware: LockHardware,
    name = hardware.name,
  ): Promise<LockRow> {
    const { hardwareId } = hardware.ref;
    await standInLine(tx, 'lock', organizationId, connectionId, hardwareId);
    const known = await findLockByHardware(tx, organizationId, connectionId, hardwareId);
    if (known !== null) return describe(tx, known, hardware);
    const id = random.id('lock');
    await insertLock(
      tx,
      {
        organization_id: organizationId,
        id,
        connection_id: connectionId,
        hardware_id: hardwareId,
        name: name.trim().slice(0, 120) || hardwareId,
        capabilities: hardware.capabilities,
      },
      clock.now(),
    );
    const made = await lockLock(tx, organizationId, id);
    if (made === null) throw new Error('The lock that was just made is gone');
    return describe(tx, made, hardware);
  }

  /** What its vendor lists of it; what is stored there of the battery may be old. */
  async function describe(tx: Tx, { organization_id, id }: LockRow, hardware: LockHardware): Promise<LockRow> {
    const row = await lockLock(tx, organization_id, id);
    if (row === null) throw notFound('Lock not found');
    return described(tx, row, hardware);
  }

  /** Staff adds one that hangs on a connection. */
  async function create(
    actor: Actor,
    connectionId: ConnectionId,
    hardware: LockHardware,
    name?: string,
  ): Promise<LockRow> {
    const called = name === undefined ? hardware.name : required('name', name, 120);
    return database.transaction('lock-create', async (tx) => {
      const { hardwareId } = hardware.ref;
      await standInLine(tx, 'lock', actor.organizationId, connectionId, hardwareId);
      if ((await findLockByHardware(tx, actor.organizationId, connectionId, hardwareId)) !== null) {
        throw new Problem('CONFLICT', 'This lock was added already');
      }
      const row = await add(tx, actor.organizationId, connectionId, hardware, called);
      await audit.append(tx, entry(actor, 'lock added', row, { after: told(row) }));
      return row;
    });
  }

  async function change(actor: Actor, id: string, input: LockChange): Promise<LockRow> {
    return database.transaction('lock-change', async (tx) => {
      const visible = await get(actor, id, tx);
      const before = await lockLock(tx, actor.organizationId, visible.id);
      if (before === null) throw notFound('Lock not found');
      const after = await saveLock(tx, before, {
        ...(input.name === undefined ? {} : { name: required('name', input.name, 120) }),
        ...(input.unmanaged === undefined ? {} : { unmanaged: input.unmanaged }),
        updated_at: clock.now(),
      });
      await audit.append(tx, entry(actor, 'lock changed', after, { before: told(before), after: told(after) }));
      return after;
    });
  }

  /** What may open has changed at these locks: their codes are weighed anew, by the round of their keeper. */
  async function weighCodes(tx: Tx, organizationId: OrganizationId, ids: readonly LockId[]): Promise<void> {
    for (const id of ids.toSorted()) await lockLock(tx, organizationId, id); // nobody weighs them meanwhile
    await wakeCodes(tx, organizationId, ids, clock.now());
  }

  /** Refused while a door has it; codes of ours that it would keep, and that nobody could take off any more, are told first. */
  async function remove(actor: Actor, id: string, o: { confirm?: boolean } = {}): Promise<void> {
    await database.transaction('lock-delete', async (tx) => {
      const visible = await get(actor, id, tx);
      const row = await lockLock(tx, actor.organizationId, visible.id);
      if (row === null) throw notFound('Lock not found');
      const door = await doorOfLock(tx, row);
      if (door !== null)
        throw new Problem('CONFLICT', `The door "${door.name}" has this lock; take it off there first`);
      const codes = await codesOn(tx, row);
      if (codes > 0 && o.confirm !== true) {
        const them = `${codes} ${codes === 1 ? 'code is' : 'codes are'} on this lock and would stay there`;
        throw new Problem('CONFIRMATION_REQUIRED', `${them}. Delete them first, or send confirm=true`, {
          facts: { codes },
        });
      }
      const now = clock.now();
      await saveLock(tx, row, { deleted_at: now, updated_at: now });
      await notices.clearAll(tx, actor.organizationId, row.id);
      await audit.append(tx, entry(actor, 'lock deleted', row, { before: told(row), codesLeft: codes }));
    });
  }

  async function trend(row: LockRow): Promise<BatteryTrend> {
    return batteryTrend(
      await batteriesOf(database.read, row, { limit: 500, before: null, since: clock.now() - trendOver }),
    );
  }

  async function trends(rows: readonly LockRow[]): Promise<Map<LockId, BatteryTrend>> {
    const readings = await batteriesOfMany(database.read, rows, clock.now() - trendOver);
    return new Map([...Map.groupBy(readings, (one) => one.lockId)].map(([id, own]) => [id, batteryTrend(own)]));
  }

  const batteries = (row: LockRow, page: { limit: number; before: Instant | null }): Promise<BatteryRow[]> =>
    batteriesOf(database.read, row, page);

  /** The lock that hardware was added as, by its vendor's id. */
  async function addedAs(
    organizationId: OrganizationId,
  ): Promise<(connection: ConnectionId, hardwareId: string) => LockId | null> {
    const rows = await locksOn(database.read, organizationId, null);
    const byHardware = new Map(rows.map((row) => [`${row.connection_id} ${row.hardware_id}`, row.id]));
    return (connection, hardwareId) => byHardware.get(`${connection} ${hardwareId}`) ?? null;
  }

  const onConnection = (organizationId: OrganizationId, id: ConnectionId): Promise<LockRow[]> =>
    locksOn(database.read, organizationId, id);
  const byHardware = (organizationId: OrganizationId, connectionId: ConnectionId, hardwareId: string) =>
    findLockByHardware(database.read, organizationId, connectionId, hardwareId);
  const byWireId = (organizationId: OrganizationId, wireId: string, db: Kysely<DB> = database.read) =>
    findLockByWireId(db, organizationId, wireId);
  const movedLately = (now: Instant): Promise<LockRow[]> => locksMovedLately(database.read, now);
  const withOldBattery = (now: Instant): Promise<LockRow[]> =>
    locksWithOldBattery(database.read, now - batteryLimits.unknownAfter);
  const after = (last: LockRow | null, limit: number): Promise<LockRow[]> => locksAfter(database.read, last, limit);
  const doorsOf = (rows: readonly LockRow[]) => doorsOfLocks(database.read, rows);
  const doorOf = (row: LockRow, db: Kysely<DB> = database.read) => doorOfLock(db, row);
  /** Up to when its own book was read. */
  const readUntil = (tx: Tx, row: LockRow, until: Instant): Promise<LockRow> =>
    saveLock(tx, row, { records_until: until });
  const codesRead = (tx: Tx, row: LockRow, at: Instant): Promise<LockRow> => saveLock(tx, row, { codes_read_at: at });

  return {
    list,
    get,
    any,
    anyOf,
    lock,
    add,
    describe,
    create,
    change,
    remove,
    weighCodes,
    record,
    batteryUnknown,
    movedLately,
    withOldBattery,
    trend,
    batteries,
    addedAs,
    onConnection,
    byHardware,
    byWireId,
    after,
    doorOf,
    doorsOf,
    trends,
    visible,
    readUntil,
    codesRead,
  };
}

export type LocksService = ReturnType<typeof createLocks>;
export type { BatteryRow, LockRow } from './locks.store.ts';

export const thingOf = (row: LockRow): LockThing => ({
  organizationId: row.organization_id,
  connectionId: row.connection_id,
  hardwareId: row.hardware_id,
});

/** Locks of one gateway share its radio, and so their turns. */
export const laneOfLock = (row: Pick<LockRow, 'organization_id' | 'bridge_id' | 'id'>): string =>
  laneName(row.organization_id, row.bridge_id, row.id);

export const capabilitiesOf = (row: LockRow): LockCapabilities => row.capabilities;

const told = (row: LockRow) => ({ name: row.name, unmanaged: row.unmanaged, hardwareId: row.hardware_id });

const entry = (actor: Actor, action: string, row: LockRow, details: Record<string, unknown>) => ({
  organizationId: actor.organizationId,
  category: 'doors' as const,
  action,
  actor,
  entity: 'Lock',
  entityId: row.id,
  details,
});
