import { isDeepStrictEqual } from 'node:util';
import type { Kysely } from 'kysely';
import { notify } from '../../database/notify.ts';
import type { Database, Tx } from '../../database/open.ts';
import type { DB } from '../../database/types.ts';
import type { LockCommand, LockOutcome } from '../../drivers/lock-port.ts';
import type { Clock } from '../../host/clock.ts';
import type { LockId, OrganizationId } from '../../rules/ids.ts';
import { ageOf, type Instant, minutes } from '../../rules/instant.ts';
import { nowhere, type Reading } from '../../rules/pins/pin.ts';
import { type Plan, type PlanCommand, plan, type Verdict } from '../../rules/pins/plan.ts';
import { heldOn } from '../../rules/pins/room.ts';
import { begun, told as toldOf } from '../../rules/pins/told.ts';
import type { PlacesService } from '../access/places.service.ts';
import { capabilitiesOf, type LockRow, type LocksService } from '../locks/locks.service.ts';
import type { NoticesService } from '../notices/notices.service.ts';
import { type LockCodesRow, lockCodesOf, saveLockCodes, type UnmanagedRow, unmanagedOn } from './lock-codes.store.ts';
import { heldUntil, pauses } from './lock-hold.ts';
import { createDigits, factsOf, nameOnLock, type Read, seenCode } from './pin-facts.ts';
import { type PinRow, pinsOnLock, savePin } from './pins.store.ts';
import type { Unmanaged } from './unmanaged.service.ts';
import type { ZoneOf } from './zone-of-lock.ts';

export type Write = Exclude<PlanCommand, { kind: 'look' }>;

/** References of codes that are ours by another way: those that a vendor issued for passes. */
export type IssuedOn = (db: Kysely<DB>, organizationId: OrganizationId, lockId: LockId) => Promise<ReadonlySet<string>>;

type Deps = {
  database: Database;
  clock: Clock;
  box: Parameters<typeof createDigits>[0];
  locks: LocksService;
  notices: NoticesService;
  unmanaged: Unmanaged;
  zoneOf: ZoneOf;
  places: Pick<PlacesService, 'ofLock'>;
  issuedOn: IssuedOn;
};

type Known = { rows: PinRow[]; foreign: UnmanagedRow[]; codes: LockCodesRow | null; made: Plan; read: boolean };

/** When its codes were read is written down no more often than this. */
const readNoted = minutes(30);

/**
 * Keeps the codes of locks as they shall be, together with the engine (pin-reconciler): what is to be done next, what is
 * known after a look, what came of a write. The rules decide (rules/pins/plan); whatever changes is one transaction.
 */
export function createCodeKeeping(deps: Deps) {
  const { database, clock, box, locks, notices, unmanaged, zoneOf, places, issuedOn } = deps;
  const digits = createDigits(box);

  /** What is to be done next. What is newly known is written down; where nothing is, nothing is written. */
  async function weigh(lock: LockRow, read: Read | null): Promise<PlanCommand | null> {
    const known = await knownOf(database.read, lock, read);
    if (!isNews(lock, known, read)) return held(known) ? null : known.made.command;
    return database.transaction('pins-seen', async (tx) => {
      const row = await locks.lock(tx, lock.organization_id, lock.id);
      if (row === null) return null;
      const again = await knownOf(tx, row, read);
      await note(tx, row, again, read);
      return held(again) ? null : again.made.command;
    });
  }

  /** Under the lock's row: the command as it shall be, written into the PIN as begun; null: nothing, or look first. */
  async function decide(
    tx: Tx,
    lock: LockRow,
    read: Read | null,
  ): Promise<{ write: Write; command: LockCommand } | null> {
    const known = await knownOf(tx, lock, read);
    await note(tx, lock, known, read);
    const write = known.made.command;
    if (write === null || write.kind === 'look' || held(known)) return null;
    if (write.pinId === null) {
      return { write, command: { kind: 'clear-pin', reference: write.reference, slot: write.slot } };
    }
    const row = (await pinsOnLock(tx, lock.organization_id, lock.id)).find(({ id }) => id === write.pinId);
    if (row === undefined) return null;
    const placement = begun(factsOf(row), write, nameOnLock(row), clock.now());
    await savePin(tx, row, { placement });
    return { write, command: commandOf(write, row) };
  }

  /** What came of it. The caller holds the lock's row. Answers whether to go on with this lock. */
  async function told(
    tx: Tx,
    lock: LockRow,
    write: Write,
    outcome: LockOutcome & { notSent?: true },
  ): Promise<boolean> {
    const now = clock.now();
    const before = await lockCodesOf(tx, lock.organization_id, lock.id);
    const rows = await pinsOnLock(tx, lock.organization_id, lock.id);
    const row = rows.find(({ id }) => id === write.pinId);
    if (row === undefined) {
      const off = outcome.kind === 'confirmed' || (outcome.kind === 'refused' && outcome.reason === 'code-missing');
      if (write.kind === 'clear' && write.pinId === null) await unmanaged.taken(tx, lock, write.reference, off);
      await saveLockCodes(tx, lock.organization_id, lock.id, { writtenAt: now });
      return off;
    }
    const { keypad } = capabilitiesOf(lock);
    const result = toldOf(
      factsOf(row),
      write,
      outcome,
      { readsBack: keypad?.readsBack === true },
      {
        held: heldOn(rows.map(factsOf), []),
        now,
      },
    );
    const { placement, failures, suspendedUntil, conflict } = result.pin;
    await savePin(tx, row, {
      placement,
      failures: [...failures],
      suspended_until: suspendedUntil,
      conflict,
      trouble: result.trouble,
    });
    if (result.suspended) {
      const facts = { lockId: lock.id, pin: row.label, reason: result.trouble, until: suspendedUntil };
      await notices.raise(tx, lock.organization_id, 'pin-suspended', row.id, facts);
    }
    const busy = outcome.kind === 'refused' && outcome.reason === 'busy';
    const pause = busy ? pauses.busy : Math.min(pauses.most, Math.max(pauses.first, (before?.pause_ms ?? 0) * 2));
    await saveLockCodes(tx, lock.organization_id, lock.id, {
      writtenAt: now,
      ...(result.wholeLock ? heldFor(now, pause, busy ? (before?.pause_ms ?? 0) : pause) : free),
    });
    return !result.wholeLock;
  }

  /** The way to the lock is in trouble: nothing is tried for a while, and longer each time. */
  async function hold({ organization_id, id }: LockRow): Promise<void> {
    const now = clock.now();
    await database.transaction('pins-held', async (tx) => {
      const before = await lockCodesOf(tx, organization_id, id);
      const pause = Math.min(pauses.most, Math.max(pauses.first, (before?.pause_ms ?? 0) * 2));
      await saveLockCodes(tx, organization_id, id, heldFor(now, pause, pause));
    });
  }

  return { weigh, decide, told, hold };

  /** In a lockdown a code on the lock would open for anybody who knows it: only those of people who are named stay. */
  async function barredBy(lock: LockRow, db: Kysely<DB>): Promise<(row: PinRow) => boolean> {
    const mode = (await places.ofLock(lock.organization_id, lock.id, db))?.mode ?? null;
    if (mode?.kind !== 'lockdown') return () => false;
    return ({ person_id: person }) => person === null || !mode.people.includes(person);
  }

  async function knownOf(db: Kysely<DB>, lock: LockRow, read: Read | null): Promise<Known> {
    const { organization_id: organizationId, id } = lock;
    const rows = await pinsOnLock(db, organizationId, id);
    const foreign = await unmanagedOn(db, organizationId, id);
    const codes = await lockCodesOf(db, organizationId, id);
    const written = codes?.written_at ?? null;
    const fresh = read !== null && (isNever(written) || read.at > written) ? read : null;
    const reading: Reading | null = fresh && {
      codes: fresh.codes.map((code) => seenCode(digits, id, code)),
      at: fresh.at,
    };
    const barred = await barredBy(lock, db);
    const made = plan({
      pins: rows.map((row) => (barred(row) ? { ...factsOf(row), barred: true as const } : factsOf(row))),
      reading,
      unmanaged: {
        policy: lock.unmanaged,
        ...unmanaged.sorted(foreign),
        others: reading === null ? new Set() : await issuedOn(db, organizationId, id),
      },
      keypad: capabilitiesOf(lock).keypad,
      zone: await zoneOf(lock, db),
      now: clock.now(),
    });
    return { rows, foreign, codes, made, read: reading !== null };
  }

  /** Written ahead of now: the clock was set back since, and it tells nothing. */
  function isNever(at: Instant | null): at is null {
    return at === null || ageOf(at, clock.now()) === null;
  }

  function held({ codes }: Known): boolean {
    return heldUntil(codes, clock.now()) !== null;
  }

  function isNews(lock: LockRow, known: Known, read: Read | null): boolean {
    const { rows, made, foreign } = known;
    if (made.verdicts.some((verdict) => changesOf(rows, verdict) !== null)) return true;
    if (read === null || !known.read) return false;
    return read.at - (lock.codes_read_at ?? 0) > readNoted || unmanaged.isNews(foreign, read, made.unmanaged ?? []);
  }

  async function note(
    tx: Tx,
    lock: LockRow,
    { rows, foreign, made, read: isRead }: Known,
    read: Read | null,
  ): Promise<void> {
    let news = false;
    for (const verdict of made.verdicts) {
      const changes = changesOf(rows, verdict);
      const row = rows.find(({ id }) => id === verdict.id);
      if (changes === null || row === undefined) continue;
      const after = await savePin(tx, row, changes);
      news ||= after.state !== row.state || !isDeepStrictEqual(after.conflict, row.conflict);
      await noticed(tx, lock, row, after);
    }
    if (read !== null && isRead) {
      await unmanaged.note(tx, lock, foreign, read, made.unmanaged ?? []);
      if (read.at - (lock.codes_read_at ?? 0) > readNoted) await locks.codesRead(tx, lock, read.at);
    }
    if (news) await notify(tx, { topic: 'pins', organizationId: lock.organization_id, id: lock.id });
  }

  async function noticed(tx: Tx, lock: LockRow, before: PinRow, after: PinRow): Promise<void> {
    const { organization_id, id } = after;
    if (after.conflict !== null && before.conflict === null) {
      const facts = { lockId: lock.id, pin: after.label, other: after.conflict.with?.name ?? null };
      await notices.raise(tx, organization_id, 'pin-conflict', id, facts);
    }
    if (after.conflict === null && before.conflict !== null)
      await notices.clear(tx, organization_id, 'pin-conflict', id);
    if (after.state === 'gone') await notices.clearAll(tx, organization_id, id);
    else if (after.state === 'loaded' && before.state !== 'loaded') {
      await notices.clear(tx, organization_id, 'pin-suspended', id);
    }
  }

  /** What is not known of it yet; null: nothing. */
  function changesOf(rows: readonly PinRow[], verdict: Verdict): Partial<PinRow> | null {
    const row = rows.find(({ id }) => id === verdict.id);
    if (row === undefined) return null;
    const now = clock.now();
    const due = (at: Instant | null) => at !== null && at <= now;
    const { state, placement, conflict, wakeAt } = verdict;
    const changes: Partial<PinRow> = {
      ...(state === row.state ? {} : { state, updated_at: now }),
      ...(isDeepStrictEqual(placement, row.placement ?? nowhere) ? {} : { placement }),
      ...(isDeepStrictEqual(conflict, row.conflict) ? {} : { conflict }),
      ...(wakeAt === row.wake_at || (due(wakeAt) && due(row.wake_at)) ? {} : { wake_at: wakeAt }),
      ...(troubleOf(row, verdict) === row.trouble ? {} : { trouble: troubleOf(row, verdict) }),
      ...(state === 'loaded' && row.state !== 'loaded' ? { loaded_at: now } : {}),
      ...(state === 'gone' ? { deleted_at: now, wake_at: null } : {}),
    };
    return Object.keys(changes).length === 0 ? null : changes;
  }

  function commandOf(write: Write, row: PinRow): LockCommand {
    if (write.kind === 'clear') return { kind: 'clear-pin', reference: write.reference, slot: write.slot };
    if (write.kind === 'change') {
      const pin = write.print === null ? null : digits.open(row.pin_sealed);
      return { kind: 'change-pin', reference: write.reference, pin, window: write.window };
    }
    const { slot, window } = write;
    return { kind: 'set-pin', pin: digits.open(row.pin_sealed), slot, window, name: nameOnLock(row) };
  }
}

export type CodeKeeping = ReturnType<typeof createCodeKeeping>;

const heldFor = (now: Instant, pause: number, remembered: number) => ({
  heldSince: now,
  heldUntil: now + pause,
  pauseMs: remembered,
});
const free = { heldSince: null, heldUntil: null, pauseMs: 0 } as const;

/** Why it is not as it should be: what it waits for, or what was said when it failed. */
function troubleOf(row: PinRow, { waiting, state, placement }: Verdict): string | null {
  if (waiting !== null && waiting !== 'retrying' && waiting !== 'suspended') return waiting;
  return state === 'loaded' || (row.failures.length === 0 && placement.attempt === null && waiting === null)
    ? null
    : row.trouble;
}
