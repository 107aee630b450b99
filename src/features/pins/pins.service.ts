import type { Kysely } from 'kysely';
import { notify } from '../../database/notify.ts';
import type { Database, Tx } from '../../database/open.ts';
import type { DB } from '../../database/types.ts';
import type { LockHints } from '../../engine/port.ts';
import type { Clock } from '../../host/clock.ts';
import type { Random } from '../../host/random.ts';
import type { Actor } from '../../rules/accounts/actor.ts';
import { invalid, notFound, Problem } from '../../rules/errors.ts';
import type { ConnectionId, OrganizationId, PersonId, PinId } from '../../rules/ids.ts';
import type { Instant } from '../../rules/instant.ts';
import { checkedDigits } from '../../rules/pins/digits.ts';
import { committed, type Intent, intended } from '../../rules/pins/life.ts';
import { isAnywhere, nowhere } from '../../rules/pins/pin.ts';
import type { Schedule } from '../../rules/pins/schedule.ts';
import { optional } from '../../rules/text.ts';
import type { Audit } from '../audit/audit.service.ts';
import type { LockRow, LocksService } from '../locks/locks.service.ts';
import type { NoticesService } from '../notices/notices.service.ts';
import type { PeopleService } from '../people/people.service.ts';
import { createFreeDigits, keypadOf } from './free-digits.ts';
import { createPassPins } from './pass-pins.ts';
import { createPersonPins } from './person-pins.ts';
import { createDigits } from './pin-facts.ts';
import { type PinAsker, type PinInput, withoutPartner } from './pin-input.ts';
import { readSchedule } from './pin-schedule-input.ts';
import { createPinSlots } from './pin-slots.ts';
import { createPinUse } from './pin-use.ts';
import {
  bringPinsForward,
  findAnyPin,
  findPin,
  insertPin,
  listPins,
  locksDue,
  type PinRow,
  pinsOnLock,
  savePin,
  type WhichLock,
} from './pins.store.ts';
import type { ZoneOf } from './zone-of-lock.ts';

type Deps = {
  database: Database;
  clock: Clock;
  random: Random;
  box: Parameters<typeof createDigits>[0];
  audit: Audit;
  locks: LocksService;
  notices: NoticesService;
  people: PeopleService;
  zoneOf: ZoneOf;
  lockHints: LockHints;
};

/**
 * Codes on locks: what shall be. An intent is written down here, and the reconciler makes it so (engine/pin-reconciler); a
 * code is shown as loaded only when it was seen on the lock, or its write confirmed. Digits are unique on a lock, sealed,
 * and told only to whoever may see the lock.
 */
export function createPins(deps: Deps) {
  const { database, clock, random, box, audit, locks, notices, people, zoneOf, lockHints } = deps;
  const digits = createDigits(box);
  const { refuseTaken, chosen } = createFreeDigits({ clock, random, digits });
  const { reserve, slotFor } = createPinSlots({ clock, digits, chosen });

  async function list(actor: Actor, lockId: string, page: { limit: number; after: string | null }): Promise<PinRow[]> {
    const lock = await locks.get(actor, lockId);
    return listPins(database.read, actor.organizationId, lock.id, page);
  }

  async function get(actor: Actor, lockId: string, id: string, db: Kysely<DB> = database.read): Promise<PinRow> {
    const lock = await locks.get(actor, lockId, db);
    const row = await findPin(db, actor.organizationId, lock.id, id);
    if (row === null) throw notFound('PIN not found');
    return row;
  }

  /** Its digits; that somebody has read them is written down. */
  const reveal = (actor: Actor, lockId: string, id: string): Promise<{ row: PinRow; pin: string }> =>
    database.transaction('pin-read', async (tx) => {
      const row = await get(actor, lockId, id, tx);
      await audit.append(tx, entry({ api: 'keystead', actor }, 'PIN read', row, {}));
      return { row, pin: digits.open(row.pin_sealed) };
    });

  const load = (actor: Actor, lockId: string, input: PinInput, api = 'keystead') =>
    database.transaction('pin-load', async (tx) => add(tx, await held(tx, actor, lockId), input, { api, actor }));

  /** Other digits, times or names; at once for all of it. */
  const update = (actor: Actor, lockId: string, id: string, input: PinInput, api = 'keystead'): Promise<PinRow> =>
    database.transaction('pin-update', async (tx) => {
      const lock = await held(tx, actor, lockId);
      return change(tx, lock, await own(tx, lock, id), input, { api, actor });
    });

  const remove = (actor: Actor, lockId: string, id: string, api = 'keystead'): Promise<PinRow> =>
    database.transaction('pin-delete', (tx) => meantBy(tx, actor, lockId, id, 'delete', api));
  const disable = (actor: Actor, lockId: string, id: string, api = 'keystead'): Promise<PinRow> =>
    database.transaction('pin-disable', (tx) => meantBy(tx, actor, lockId, id, 'disable', api));
  const enable = (actor: Actor, lockId: string, id: string, api = 'keystead'): Promise<PinRow> =>
    database.transaction('pin-enable', (tx) => meantBy(tx, actor, lockId, id, 'enable', api));

  async function meantBy(
    tx: Tx,
    actor: Actor,
    lockId: string,
    id: string,
    intent: Exclude<Intent, 'update'>,
    api: string,
  ): Promise<PinRow> {
    const lock = await held(tx, actor, lockId);
    return meant(tx, lock, await own(tx, lock, id), intent, { api, actor });
  }

  /** Several things in their order, all or nothing: each is decided on what the one before has left. */
  const several = <T>(actor: Actor, lockId: string, work: (tx: Tx, lock: LockRow) => Promise<T>): Promise<T> =>
    database.transaction('pins-several', async (tx) => work(tx, await held(tx, actor, lockId)));

  /** The caller holds the lock's row. Answers the digits, too: they may have been chosen here. */
  async function add(tx: Tx, lock: LockRow, input: PinInput, by: PinAsker): Promise<{ row: PinRow; pin: string }> {
    const keypad = keypadOf(lock);
    const now = clock.now();
    const { schedule, written } = readSchedule(input, { zone: await zoneOf(lock, tx), now }) ?? {
      schedule: always,
      written: null,
    };
    const pin = input.pin == null ? await chosen(tx, lock) : checkedDigits('pin', input.pin, keypad);
    if (input.pin != null) await refuseTaken(tx, lock, pin, null, by.partner);
    const row: PinRow = {
      organization_id: lock.organization_id,
      id: random.id('pin'),
      lock_id: lock.id,
      person_id: await personIn(tx, lock.organization_id, input.personId),
      label: optional('label', input.label, 60),
      pin_hash: digits.hash(lock.id, pin),
      pin_sealed: digits.seal(pin),
      access_type: schedule.kind,
      schedule,
      as_written: written,
      state: 'created',
      conflict: null,
      suspended_until: null,
      failures: [],
      placement: null,
      trouble: null,
      pass_id: by.passId ?? null,
      ...(await byPartner(tx, lock, pin, by)),
      api: by.api,
      wake_at: now,
      loaded_at: null,
      used_at: null,
      created_at: now,
      updated_at: now,
      deleted_at: null,
    };
    await insertPin(tx, row);
    await told(tx, lock, entry(by, 'PIN added', row, { after: facts(row) }));
    return { row, pin };
  }

  async function change(tx: Tx, lock: LockRow, before: PinRow, input: PinInput, by: PinAsker): Promise<PinRow> {
    const now = clock.now();
    const state = intended(before.state, 'update');
    if (state === null) throw new Problem('CONFLICT', 'The PIN is being taken off the lock');
    const times = readSchedule(input, { zone: await zoneOf(lock, tx), now }, before.schedule);
    const other = input.pin != null && digits.open(before.pin_sealed) !== input.pin;
    const pin = other ? checkedDigits('pin', input.pin ?? '', keypadOf(lock)) : null;
    if (pin !== null) {
      await refuseTaken(tx, lock, pin, before.id, by.partner);
      if (before.placement?.attempt?.kind === 'set') throw unclear();
    }
    const moves = pin !== null || times !== null;
    const after = await savePin(tx, before, {
      ...(input.label === undefined ? {} : { label: optional('label', input.label, 60) }),
      ...(input.personId === undefined
        ? {}
        : { person_id: await personIn(tx, before.organization_id, input.personId) }),
      ...(times === null
        ? {}
        : {
            access_type: times.schedule.kind,
            schedule: times.schedule,
            as_written: times.written,
            ...anewOnce(times),
          }),
      ...(pin === null ? {} : { pin_hash: digits.hash(lock.id, pin), pin_sealed: digits.seal(pin) }),
      ...(moves ? { state, ...anew, wake_at: now } : {}),
      updated_at: now,
    });
    if (moves) await overFor(tx, after);
    const details = { before: facts(before), after: facts(after), otherDigits: pin !== null };
    await told(tx, lock, entry(by, 'PIN changed', after, details));
    return after;
  }

  async function meant(
    tx: Tx,
    lock: LockRow,
    before: PinRow,
    intent: Exclude<Intent, 'update'>,
    by: PinAsker,
  ): Promise<PinRow> {
    const meantTo = intended(before.state, intent);
    if (meantTo === null) throw new Problem('CONFLICT', 'The PIN is being taken off the lock');
    if (meantTo === before.state) return before;
    const placement = before.placement ?? nowhere;
    const anywhere = isAnywhere(placement) || placement.attempt !== null;
    const now = clock.now();
    const state = committed(meantTo, { wanted: true, due: true, anywhere, fits: false });
    const gone = state === 'gone' ? { deleted_at: now, wake_at: null } : { wake_at: now };
    const after = await savePin(tx, before, { state, ...anew, ...gone, updated_at: now });
    await overFor(tx, after);
    await told(tx, lock, entry(by, `PIN ${done[intent]}`, after, {}));
    return after;
  }

  /** Where it stands; null: it is gone. */
  const stateOf = async (organizationId: OrganizationId, id: PinId, db: Kysely<DB> = database.read) => {
    const row = await findAnyPin(db, organizationId, id);
    return row === null || row.deleted_at !== null ? null : row;
  };

  const open = (row: PinRow): string => digits.open(row.pin_sealed);

  /** All that are on a lock or shall be. */
  const onLock = (lock: LockRow, db: Kysely<DB> = database.read): Promise<PinRow[]> =>
    pinsOnLock(db, lock.organization_id, lock.id);

  /** Locks where something is due; none of these connections. */
  const due = (now: Instant, limit: number, but: readonly ConnectionId[] = []): Promise<WhichLock[]> =>
    locksDue(database.read, now, limit, but);

  /** The clock was set back, or the server begins: what waits to be tried again is looked at anew. */
  const bringForward = (): Promise<void> => bringPinsForward(database.read, clock.now());

  return {
    list,
    get,
    reveal,
    load,
    update,
    remove,
    disable,
    enable,
    several,
    add,
    change,
    meant,
    ...createPassPins({ database, clock, locks, chosen, add, meant, open }),
    ...createPersonPins({ meant }),
    stateOf,
    onLock,
    reserve,
    used: createPinUse({ clock, digits, wake }),
    open,
    due,
    bringForward,
  };

  /** The lock, its row held: codes of one lock are decided one after the other. */
  async function held(tx: Tx, actor: Actor, lockId: string): Promise<LockRow> {
    const visible = await locks.get(actor, lockId, tx);
    const lock = await locks.lock(tx, actor.organizationId, visible.id);
    if (lock === null) throw notFound('Lock not found');
    return lock;
  }

  async function byPartner(tx: Tx, lock: LockRow, pin: string, { partner }: PinAsker) {
    if (partner === undefined) return withoutPartner;
    const { personId, apiClientId, master } = partner;
    const slot = master === true ? 0 : await slotFor(tx, lock, pin, partner);
    return { slot, is_master: master === true, asked_by: personId, api_client_id: apiClientId };
  }

  async function own(tx: Tx, lock: LockRow, id: string): Promise<PinRow> {
    const row = await findPin(tx, lock.organization_id, lock.id, id);
    if (row === null) throw notFound('PIN not found');
    return row;
  }

  async function personIn(
    tx: Tx,
    organizationId: OrganizationId,
    id: number | string | null | undefined,
  ): Promise<PersonId | null> {
    if (id == null) return null;
    const person = await people.named(organizationId, String(id), tx);
    if (person === null) throw invalid('personId', 'There is no such person');
    return person.id;
  }

  /** What people were told of it is of what was meant before. */
  async function overFor(tx: Tx, { organization_id: organizationId, id, state }: PinRow): Promise<void> {
    if (state === 'gone') return notices.clearAll(tx, organizationId, id);
    await notices.clear(tx, organizationId, 'pin-conflict', id);
    await notices.clear(tx, organizationId, 'pin-suspended', id);
  }

  async function told(tx: Tx, lock: LockRow, what: Parameters<Audit['append']>[1]): Promise<void> {
    await notify(tx, { topic: 'pins', organizationId: lock.organization_id, id: lock.id });
    wake(tx, lock);
    await audit.append(tx, what);
  }

  function wake(tx: Tx, lock: LockRow): void {
    database.afterCommit(tx, () => lockHints.hurry(lock.organization_id, lock.id));
  }
}

export type PinsService = ReturnType<typeof createPins>;
export type { PassPin } from './pass-pins.ts';
export type { PinAsker, PinHolder, PinInput } from './pin-input.ts';
export type { PinRow } from './pins.store.ts';

const always: Schedule = { kind: 'always' };
/** Whether the former digits are on the lock is to be seen first. */
const unclear = (): Problem =>
  new Problem('CONFLICT', 'Its digits are being written to the lock; try again in a minute', { retryAfterSeconds: 60 });
/** What is new has not failed yet. */
const anew = { conflict: null, failures: [], suspended_until: null, trouble: null };
/** What opened before does not count as the one time. */
const anewOnce = ({ schedule }: { schedule: Schedule }) => (schedule.kind === 'oneTime' ? { used_at: null } : {});
const done = { delete: 'deleted', disable: 'disabled', enable: 'enabled' } as const;

const facts = (row: PinRow) => ({
  label: row.label,
  accessType: row.access_type,
  schedule: row.schedule,
  personId: row.person_id,
});

const entry = (by: PinAsker, action: string, row: PinRow, details: Record<string, unknown>) => ({
  organizationId: row.organization_id,
  category: 'doors' as const,
  action,
  actor: by.actor,
  entity: 'Pin',
  entityId: row.id,
  details: {
    lockId: row.lock_id,
    api: by.api,
    ...(by.partner === undefined ? {} : { apiClientId: by.partner.apiClientId, callerId: by.partner.personId }),
    ...(row.pass_id === null ? {} : { passId: row.pass_id }),
    ...details,
  },
});
