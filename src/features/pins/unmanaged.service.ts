import type { Database, Tx } from '../../database/open.ts';
import type { LockHints } from '../../engine/port.ts';
import type { Clock } from '../../host/clock.ts';
import type { Random } from '../../host/random.ts';
import type { Actor } from '../../rules/accounts/actor.ts';
import { invalid, notFound, Problem } from '../../rules/errors.ts';
import { type Instant, minutes } from '../../rules/instant.ts';
import { type SeenCode, sameWindow } from '../../rules/pins/pin.ts';
import type { Schedule } from '../../rules/pins/schedule.ts';
import { optional } from '../../rules/text.ts';
import type { Audit } from '../audit/audit.service.ts';
import { capabilitiesOf, type LockRow, type LocksService } from '../locks/locks.service.ts';
import type { NoticesService } from '../notices/notices.service.ts';
import {
  deleteUnmanaged,
  findUnmanaged,
  insertUnmanaged,
  saveUnmanaged,
  type UnmanagedRow,
  unmanagedOn,
} from './lock-codes.store.ts';
import { createDigits, printOf, type Read } from './pin-facts.ts';
import { insertPin, type PinRow, pinsOnLock } from './pins.store.ts';

type Deps = {
  database: Database;
  clock: Clock;
  random: Random;
  box: Parameters<typeof createDigits>[0];
  audit: Audit;
  locks: LocksService;
  notices: NoticesService;
  lockHints: LockHints;
};

/** One that could not be taken away is let be for so long. */
const sparedFor = minutes(10);

/** Codes on a lock that nobody here has set: they are told of, adopted, taken away or left alone. */
export function createUnmanaged({ database, clock, random, box, audit, locks, notices, lockHints }: Deps) {
  const digits = createDigits(box);
  const spared = new Map<string, Instant>();

  async function list(actor: Actor, lockId: string): Promise<UnmanagedRow[]> {
    const lock = await locks.get(actor, lockId);
    return unmanagedOn(database.read, actor.organizationId, lock.id);
  }

  /** It is one of ours from now on, where it is. Its digits are needed where the lock does not tell them. */
  function adopt(
    actor: Actor,
    lockId: string,
    reference: string,
    input: { label?: string | null; pin?: string },
  ): Promise<{ row: PinRow; pin: string }> {
    return database.transaction('unmanaged-adopt', async (tx) => {
      const { lock, code } = await named(tx, actor, lockId, reference);
      const pin = code.pin_sealed === null ? input.pin : digits.open(code.pin_sealed);
      if (pin === undefined) throw invalid('pin', 'pin is required: the lock does not tell the digits of this code');
      if (!/^\d{3,12}$/.test(pin)) throw invalid('pin', 'pin must be digits');
      const hash = digits.hash(lock.id, pin);
      const same = (await pinsOnLock(tx, lock.organization_id, lock.id)).find((one) => one.pin_hash.equals(hash));
      if (same !== undefined) {
        throw new Problem('CONFLICT', `These digits are those of "${same.label ?? same.id}" on this lock`, {
          facts: { field: 'pin', pinId: same.id },
        });
      }
      const now = clock.now();
      refuseUntold(code, capabilitiesOf(lock).keypad?.keepsWindows === true, now);
      const window = code.code_window ?? { from: now, until: null };
      const schedule: Schedule =
        window.until === null ? { kind: 'always' } : { kind: 'temporary', from: window.from, until: window.until };
      const row: PinRow = {
        organization_id: lock.organization_id,
        id: random.id('pin'),
        lock_id: lock.id,
        person_id: null,
        label: optional('label', input.label ?? code.name?.slice(0, 60), 60),
        pin_hash: hash,
        pin_sealed: digits.seal(pin),
        access_type: schedule.kind,
        schedule,
        as_written: null,
        state: 'loaded',
        conflict: null,
        suspended_until: null,
        failures: [],
        placement: {
          present: { reference, slot: code.slot, print: printOf(hash), asked: window, window, at: code.seen_at },
          old: null,
          attempt: null,
        },
        trouble: null,
        pass_id: null,
        api: 'keystead',
        wake_at: now,
        loaded_at: now,
        used_at: null,
        created_at: now,
        updated_at: now,
        deleted_at: null,
      };
      await insertPin(tx, row);
      await deleteUnmanaged(tx, lock.organization_id, lock.id, [reference]);
      await follow(tx, actor, lock, 'code adopted', { reference, pinId: row.id });
      return { row, pin };
    });
  }

  const remove = (actor: Actor, lockId: string, reference: string): Promise<UnmanagedRow> =>
    database.transaction('unmanaged-remove', (tx) =>
      mark(tx, actor, lockId, reference, { unwanted: true, ignored: false }, 'code taken away'),
    );

  const ignore = (actor: Actor, lockId: string, reference: string): Promise<UnmanagedRow> =>
    database.transaction('unmanaged-ignore', (tx) =>
      mark(tx, actor, lockId, reference, { unwanted: false, ignored: true }, 'code left alone'),
    );

  async function mark(
    tx: Tx,
    actor: Actor,
    lockId: string,
    reference: string,
    what: { unwanted: boolean; ignored: boolean },
    action: string,
  ): Promise<UnmanagedRow> {
    const { lock, code } = await named(tx, actor, lockId, reference);
    await saveUnmanaged(tx, code, what);
    await follow(tx, actor, lock, action, { reference, name: code.name });
    return { ...code, ...what };
  }

  async function follow(
    tx: Tx,
    actor: Actor,
    lock: LockRow,
    action: string,
    details: Record<string, unknown>,
  ): Promise<void> {
    database.afterCommit(tx, () => lockHints.hurry(lock.organization_id, lock.id));
    await say(tx, lock, await unmanagedOn(tx, lock.organization_id, lock.id));
    await audit.append(tx, {
      organizationId: lock.organization_id,
      category: 'doors',
      action,
      actor,
      entity: 'Lock',
      entityId: lock.id,
      details,
    });
  }

  async function named(tx: Tx, actor: Actor, lockId: string, reference: string) {
    const visible = await locks.get(actor, lockId, tx);
    const lock = await locks.lock(tx, actor.organizationId, visible.id);
    const code = lock && (await findUnmanaged(tx, actor.organizationId, lock.id, reference));
    if (lock === null || code === null) throw notFound('There is no such code on the lock');
    return { lock, code };
  }

  /** As the plan takes them. */
  function sorted(rows: readonly UnmanagedRow[]) {
    const now = clock.now();
    const refs = (some: readonly UnmanagedRow[]) => new Set(some.map(({ reference }) => reference));
    const isSpared = ({ lock_id, reference }: UnmanagedRow) => (spared.get(`${lock_id} ${reference}`) ?? 0) > now;
    return {
      ignored: refs(rows.filter(({ ignored }) => ignored)),
      unwanted: refs(rows.filter(({ unwanted }) => unwanted)),
      spared: refs(rows.filter(isSpared)),
    };
  }

  const isNews = (rows: readonly UnmanagedRow[], read: Read, seen: readonly SeenCode[]): boolean =>
    seen.length !== rows.length || seen.some((code) => !isKnown(rows, code, read.at));

  /** Writes down what was found, and tells people. */
  async function note(
    tx: Tx,
    lock: LockRow,
    rows: readonly UnmanagedRow[],
    read: Read,
    seen: readonly SeenCode[],
  ): Promise<void> {
    const { organization_id, id: lock_id } = lock;
    const gone = rows.filter(({ reference }) => !seen.some((code) => code.reference === reference));
    await deleteUnmanaged(
      tx,
      organization_id,
      lock_id,
      gone.map(({ reference }) => reference),
    );
    for (const code of seen) {
      if (isKnown(rows, code, read.at)) continue;
      const pin = read.codes.find(({ reference }) => reference === code.reference)?.pin ?? null;
      const facts = {
        name: code.name,
        slot: code.slot,
        code_window: code.window,
        pin_sealed: pin === null ? null : digits.seal(pin),
        pin_hash: pin === null ? null : digits.hash(lock_id, pin),
      };
      const before = rows.find(({ reference }) => reference === code.reference);
      const { reference } = code;
      const first = { first_seen_at: read.at, seen_at: read.at, ignored: false, unwanted: false };
      if (before === undefined) await insertUnmanaged(tx, { organization_id, lock_id, reference, ...facts, ...first });
      else await saveUnmanaged(tx, before, facts);
    }
    await say(tx, lock, await unmanagedOn(tx, organization_id, lock_id));
  }

  /** Told where the lock's rule is to tell. */
  async function say(tx: Tx, lock: LockRow, rows: readonly UnmanagedRow[]): Promise<void> {
    const count =
      lock.unmanaged === 'report' ? rows.filter(({ ignored, unwanted }) => !ignored && !unwanted).length : 0;
    if (count === 0) await notices.clear(tx, lock.organization_id, 'unmanaged-codes', lock.id);
    else await notices.raise(tx, lock.organization_id, 'unmanaged-codes', lock.id, { lockId: lock.id, count });
  }

  /** `off`: it is off the lock; else it is let be for a while. */
  async function taken(tx: Tx, lock: LockRow, reference: string, off: boolean): Promise<void> {
    if (off) {
      await deleteUnmanaged(tx, lock.organization_id, lock.id, [reference]);
      await say(tx, lock, await unmanagedOn(tx, lock.organization_id, lock.id));
    } else spared.set(`${lock.id} ${reference}`, clock.now() + sparedFor);
  }

  const open = (row: UnmanagedRow): string | null => (row.pin_sealed === null ? null : digits.open(row.pin_sealed));

  return { list, adopt, remove, ignore, sorted, isNews, note, taken, open };
}

export type Unmanaged = ReturnType<typeof createUnmanaged>;
export type { UnmanagedRow } from './lock-codes.store.ts';

/** What would be shown, and kept, otherwise than it opens. */
function refuseUntold({ code_window: window }: UnmanagedRow, keepsWindows: boolean, now: Instant): void {
  if (window === null && keepsWindows) {
    throw new Problem('CONFLICT', 'This code opens at times that its vendor does not tell; set it anew from here');
  }
  if (window !== null && window.until === null && window.from > now) {
    throw new Problem('CONFLICT', 'This code begins later and has no end; set it anew from here');
  }
}

function isKnown(rows: readonly UnmanagedRow[], code: SeenCode, at: Instant): boolean {
  const row = rows.find(({ reference }) => reference === code.reference);
  if (row === undefined || row.name !== code.name || row.slot !== code.slot) return false;
  if ((row.pin_hash === null ? null : printOf(row.pin_hash)) !== code.print) return false;
  if (row.code_window === null || code.window === null) return row.code_window === code.window;
  return sameWindow(row.code_window, code.window, at);
}
