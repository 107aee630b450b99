import type { Kysely } from 'kysely';
import type { Database, Tx } from '../../database/open.ts';
import type { DB } from '../../database/types.ts';
import type { Clock } from '../../host/clock.ts';
import type { Random } from '../../host/random.ts';
import type { Actor } from '../../rules/accounts/actor.ts';
import { invalid, notFound, Problem } from '../../rules/errors.ts';
import type { DoorId, LockId, OrganizationId } from '../../rules/ids.ts';
import { optional, required } from '../../rules/text.ts';
import type { PlacesService } from '../access/places.service.ts';
import type { AddressesService, Target } from '../addresses/addresses.service.ts';
import type { Audit } from '../audit/audit.service.ts';
import { type LocationsService, movedTo } from '../locations/locations.service.ts';
import { checkedHours, type OpeningHoursInput } from '../locations/opening-hours-input.ts';
import type { LocksService } from '../locks/locks.service.ts';
import type { NoticesService } from '../notices/notices.service.ts';
import type { SettingsService } from '../settings/settings.service.ts';
import { price as checkedPrice } from '../settings/settings.ts';
import {
  codeIsTaken,
  type DoorChange,
  type DoorRow,
  doorOnLock,
  findAnyDoor,
  findDoor,
  insertDoor,
  listDoors,
  lockDoor,
  markDoorDeleted,
  passagesDue,
  updateDoor,
} from './doors.store.ts';
import type { FindLock } from './lock-search.ts';
import { checkedPassage, type PassageInput } from './passage.ts';

export type DoorStatus = DoorRow['status'];

export type DoorInput = {
  /** Null: from now on the door has no lock that we know of. */
  ttlockLockId?: string | number | null;
  lockId?: string | null;
  connectionId?: string;
  locationId?: string | null;
  name?: string;
  description?: string | null;
  notes?: string | null;
  price?: number;
  duration?: number;
  openingHours?: OpeningHoursInput | null;
  passage?: PassageInput | null;
};

type Deps = {
  database: Database;
  clock: Clock;
  random: Random;
  audit: Audit;
  locations: LocationsService;
  settings: SettingsService;
  addresses: AddressesService;
  findLock: FindLock;
  locks: Pick<LocksService, 'weighCodes'>;
  notices: Pick<NoticesService, 'clearAll'>;
  places: Pick<PlacesService, 'ofDoor'>;
  /** Whether a guest has a way in, or pays for one; passes know. */
  inUse: (db: Kysely<DB>, organizationId: OrganizationId, id: DoorId) => Promise<boolean>;
};

/** Openings that people pass. What one sells is its own: changing it touches nothing that was bought. */
export function createDoors(deps: Deps) {
  const { database, clock, random, audit, locations, settings, addresses, findLock, locks, notices, places, inUse } =
    deps;

  const list = (actor: Actor, filter: { locationId?: string; limit: number; after: string | null }) =>
    listDoors(database.read, actor.organizationId, actor.scope, filter);

  async function get(actor: Actor, id: string, db: Kysely<DB> = database.read): Promise<DoorRow> {
    const row = await findDoor(db, actor.organizationId, id, actor.scope);
    if (row === null) throw notFound('Door not found');
    return row;
  }

  async function create(actor: Actor, input: DoorInput): Promise<DoorRow> {
    if (typeof input.locationId !== 'string') throw invalid('locationId', 'locationId is required');
    const found = await findLock(actor, input);
    const own = await settings.get(actor.organizationId);
    const now = clock.now();
    return database.transaction('door-create', async (tx) => {
      const locationId = await locations.reference(actor, input.locationId ?? '', tx);
      const lock = found === null ? null : await found.keep(tx);
      if (lock !== null) await refuseTaken(tx, actor.organizationId, lock.id, null);
      const row: DoorRow = {
        organization_id: actor.organizationId,
        id: random.id('door'),
        uid: random.uid(),
        code: await freeCode(tx, actor.organizationId),
        lock_id: lock?.id ?? null,
        location_id: locationId,
        name: required('name', input.name ?? lock?.name, 120),
        description: optional('description', input.description, 500),
        notes: optional('notes', input.notes, 2000),
        price: checkedPrice('price', input.price ?? own.defaultAccessPrice, own.currency),
        duration_minutes: input.duration ?? own.defaultAccessDuration,
        status: 'ACTIVE',
        passage: input.passage === undefined ? null : checkedPassage(input.passage),
        passage_set_at: null,
        passage_trouble: null,
        passage_due_at: null,
        opening_hours: hoursIn(input) ?? null,
        created_at: now,
        updated_at: now,
        deleted_at: null,
      };
      await insertDoor(tx, row);
      await weighCodes(tx, row);
      await addresses.open(tx, row.uid, thing(row));
      await audit.append(tx, entry(actor, 'door added', row, { after: told(row, input) }));
      return row;
    });
  }

  async function change(actor: Actor, id: string, input: DoorInput): Promise<DoorRow> {
    const moves = input.ttlockLockId !== undefined || input.lockId !== undefined;
    // which lock it is, and when it is open, are for administrators, as those of devices are
    if ((moves || input.openingHours !== undefined) && actor.role !== 'admin') throw new Problem('FORBIDDEN');
    if (moves) await get(actor, id);
    const found = moves ? await findLock(actor, input) : null;
    const own = await settings.get(actor.organizationId);
    const now = clock.now();
    return database.transaction('door-change', async (tx) => {
      const visible = await get(actor, id, tx);
      const locationId = await locations.wanted(actor, input.locationId, tx);
      const lock = found === null ? null : await found.keep(tx);
      const before = await lockDoor(tx, actor.organizationId, visible.id);
      if (before === null) throw notFound('Door not found');
      const elsewhere = movedTo(actor, before, locationId);
      const otherLock = moves && (lock?.id ?? null) !== before.lock_id;
      if (otherLock && (await inUse(tx, actor.organizationId, before.id))) {
        throw new Problem('CONFLICT', 'A guest has a way in through this door; its lock can be changed afterwards');
      }
      if (otherLock) await refuseHeldOpen(tx, before);
      if (elsewhere.location_id !== undefined && (await modeOf(tx, before)) !== null)
        throw new Problem('CONFLICT', inEmergency);
      if (otherLock && lock !== null) await refuseTaken(tx, actor.organizationId, lock.id, before.id);
      const passage = input.passage === undefined ? before.passage : checkedPassage(input.passage);
      const newPassage = JSON.stringify(passage) !== JSON.stringify(before.passage);
      const changes: DoorChange = {
        ...(otherLock ? { lock_id: lock?.id ?? null, passage_set_at: null, passage_trouble: null } : {}),
        name: input.name === undefined ? before.name : required('name', input.name, 120),
        description:
          input.description === undefined ? before.description : optional('description', input.description, 500),
        notes: input.notes === undefined ? before.notes : optional('notes', input.notes, 2000),
        price: input.price === undefined ? before.price : checkedPrice('price', input.price, own.currency),
        duration_minutes: input.duration ?? before.duration_minutes,
        ...elsewhere,
        opening_hours: input.openingHours === undefined ? before.opening_hours : (hoursIn(input) ?? null),
        passage,
        ...(before.status === 'PASSAGE' && (newPassage || otherLock) ? { passage_due_at: now } : {}),
      };
      await updateDoor(tx, before, changes, now);
      const after: DoorRow = { ...before, ...changes, updated_at: now };
      if (otherLock || elsewhere) await weighCodes(tx, after);
      await audit.append(
        tx,
        entry(actor, 'door changed', after, { before: told(before, input), after: told(after, input) }),
      );
      return after;
    });
  }

  /** From the next guest on. What a lock has to be told of it, it is told by the engine, until it has taken it. */
  async function setStatus(actor: Actor, id: string, status: DoorStatus): Promise<DoorRow> {
    const now = clock.now();
    return database.transaction('door-status', async (tx) => {
      const visible = await get(actor, id, tx);
      const before = await lockDoor(tx, actor.organizationId, visible.id);
      if (before === null) throw notFound('Door not found');
      if (before.status === status) return before;
      const touchesPassage = before.status === 'PASSAGE' || status === 'PASSAGE';
      const changes: DoorChange = {
        status,
        ...(touchesPassage && before.lock_id !== null ? { passage_due_at: now, passage_trouble: null } : {}),
      };
      await updateDoor(tx, before, changes, now);
      const after: DoorRow = { ...before, ...changes, updated_at: now };
      const details = { doorName: before.name, previousStatus: before.status, newStatus: status };
      await audit.append(tx, entry(actor, 'door status changed', after, details));
      return after;
    });
  }

  async function remove(actor: Actor, id: string): Promise<void> {
    await database.transaction('door-delete', async (tx) => {
      const visible = await get(actor, id, tx);
      const row = await lockDoor(tx, actor.organizationId, visible.id);
      if (row === null) throw notFound('Door not found');
      if (await inUse(tx, actor.organizationId, row.id)) {
        throw new Problem('CONFLICT', 'A guest has a way in through this door; it can be deleted afterwards');
      }
      await refuseHeldOpen(tx, row);
      await markDoorDeleted(tx, row, clock.now());
      await addresses.close(tx, row.uid, thing(row));
      await notices.clearAll(tx, actor.organizationId, row.id);
      await audit.append(tx, entry(actor, 'door deleted', row, { before: told(row) }));
    });
  }

  /** Another public address: the picture that hangs there dies at once, and so does its short code. */
  async function renewAddress(actor: Actor, id: string): Promise<DoorRow> {
    const now = clock.now();
    return database.transaction('door-address', async (tx) => {
      const visible = await get(actor, id, tx);
      const before = await lockDoor(tx, actor.organizationId, visible.id);
      if (before === null) throw notFound('Door not found');
      const uid = await addresses.renew(tx, before.uid, thing(before));
      const after: DoorRow = { ...before, uid, updated_at: now };
      await updateDoor(tx, before, { uid }, now);
      const details = { before: { uid: before.uid }, after: { uid } };
      await audit.append(tx, entry(actor, 'QR code of a door made anew', after, details));
      return after;
    });
  }

  /** The door behind a public address; null for anything else. */
  async function byUid(uid: string): Promise<DoorRow | null> {
    const found = await addresses.byUid('door', uid);
    return found === null ? null : findDoor(database.read, found.organizationId, found.id);
  }

  const lock = (tx: Tx, organizationId: OrganizationId, id: DoorId) => lockDoor(tx, organizationId, id);
  const any = (organizationId: OrganizationId, id: DoorId, db: Kysely<DB> = database.read) =>
    findAnyDoor(db, organizationId, id);
  /** As it is now. */
  const again = async (row: DoorRow): Promise<DoorRow> =>
    (await findAnyDoor(database.read, row.organization_id, row.id)) ?? row;
  const onLock = (organizationId: OrganizationId, lockId: LockId, db: Kysely<DB> = database.read) =>
    doorOnLock(db, organizationId, lockId);
  /** No change of what staff has set: the door stays as old as it is. */
  const passageTold = (
    tx: Tx,
    row: DoorRow,
    told: Pick<DoorChange, 'passage_due_at' | 'passage_trouble' | 'passage_set_at'>,
  ): Promise<void> => updateDoor(tx, row, told, row.updated_at);
  const passageDue = (now: number, limit: number) => passagesDue(database.read, now, limit);

  return {
    list,
    get,
    create,
    change,
    setStatus,
    remove,
    renewAddress,
    byUid,
    lock,
    any,
    again,
    onLock,
    passageTold,
    passageDue,
  };

  /** Two doors on one lock would be two prices for one way in. */
  async function refuseTaken(tx: Tx, organizationId: OrganizationId, lockId: LockId, self: DoorId | null) {
    const other = await doorOnLock(tx, organizationId, lockId);
    if (other === null || other.id === self) return;
    throw new Problem('CONFLICT', `This lock is the door "${other.name}" already`);
  }

  /** Its place may be locked down, and has a clock of its own: codes that were on the lock before are weighed by that. */
  async function weighCodes(tx: Tx, { organization_id, lock_id }: DoorRow): Promise<void> {
    if (lock_id !== null) await locks.weighCodes(tx, organization_id, [lock_id]);
  }

  /**
   * Whoever lets go of a lock that is held open leaves it open for ever: nobody tells it any more that this is over. One
   * that is locked down would have its codes back while it hangs there still.
   */
  async function refuseHeldOpen(tx: Tx, row: DoorRow): Promise<void> {
    if (row.lock_id === null) return;
    const untold = row.passage_due_at !== null && !isGone(row.passage_trouble);
    if (row.status === 'PASSAGE' || untold) {
      throw new Problem('CONFLICT', 'Its lock is free to pass; end that first, so that it locks again');
    }
    if ((await modeOf(tx, row)) !== null) throw new Problem('CONFLICT', inEmergency);
  }

  async function modeOf(tx: Tx, row: DoorRow) {
    return (await places.ofDoor(row.organization_id, row.id, tx))?.mode ?? null;
  }

  /** What a card reader calls it; short, as people type it into a reader's settings. */
  async function freeCode(tx: Tx, organizationId: OrganizationId): Promise<string> {
    for (;;) {
      const code = random.uid().slice(0, 8);
      if (!(await codeIsTaken(tx, organizationId, code))) return code;
    }
  }
}

export type DoorsService = ReturnType<typeof createDoors>;
export type { DoorRow } from './doors.store.ts';

export const doorTarget = (id: DoorId): Target => `door:${id}`;
const thing = (row: DoorRow) => ({ organizationId: row.organization_id, target: doorTarget(row.id) });

/** Its vendor does not know it any more, so that nothing can be told it. */
const isGone = (trouble: string | null): boolean => trouble === 'not-found';

const inEmergency = 'Its location is in an emergency; end that first';

const hoursIn = ({ openingHours }: DoorInput) =>
  openingHours ? checkedHours('openingHours', openingHours) : openingHours;

/** Hours are long: they are told where they were touched. Notes are for staff's eyes, and not for ever. */
const told = (row: DoorRow, input: DoorInput = {}) => ({
  ...(input.openingHours === undefined ? {} : { openingHours: row.opening_hours }),
  ...(input.passage === undefined ? {} : { passage: row.passage }),
  name: row.name,
  price: row.price,
  duration: row.duration_minutes,
  status: row.status,
  locationId: row.location_id,
  lockId: row.lock_id,
});

const entry = (actor: Actor, action: string, row: DoorRow, details: Record<string, unknown>) => ({
  organizationId: actor.organizationId,
  category: 'doors' as const,
  action,
  actor,
  entity: 'Door',
  entityId: row.id,
  details: { doorId: row.id, ...details },
});
