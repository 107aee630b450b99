import type { Database, Tx } from '../../database/open.ts';
import type { Clock } from '../../host/clock.ts';
import { notFound } from '../../rules/errors.ts';
import type { OrganizationId, PassId, PinId } from '../../rules/ids.ts';
import type { Instant } from '../../rules/instant.ts';
import { type Outlook, outlookOf } from '../../rules/passes/own-pin.ts';
import type { Window } from '../../rules/passes/pass.ts';
import type { LockRow, LocksService } from '../locks/locks.service.ts';
import { lockCodesOf } from './lock-codes.store.ts';
import { heldUntil } from './lock-hold.ts';
import type { PinAsker, PinInput } from './pin-input.ts';
import { findAnyPin, hadPinForPass, type PinRow, pinsOfPass } from './pins.store.ts';

type Deps = {
  database: Database;
  clock: Clock;
  locks: LocksService;
  chosen(tx: Tx, lock: LockRow, others: ReadonlySet<string>): Promise<string>;
  add(tx: Tx, lock: LockRow, input: PinInput, by: PinAsker): Promise<{ row: PinRow; pin: string }>;
  meant(tx: Tx, lock: LockRow, row: PinRow, intent: 'delete', by: PinAsker): Promise<PinRow>;
  open(row: PinRow): string;
};

/** The PIN of a pass, and what may be hoped for of it. */
export type PassPin = { row: PinRow; window: Window; outlook: Outlook };

/** Codes that were bought: they come and go with their pass, in its transactions. */
export function createPassPins({ database, clock, locks, chosen, add, meant, open }: Deps) {
  /** Digits for a pass: chosen here, in this window alone. `others`: digits on the lock that are no PINs. */
  async function loadFor(
    tx: Tx,
    o: { lock: LockRow; passId: PassId; window: Window; label: string; api: string; others: ReadonlySet<string> },
  ): Promise<PinId> {
    const lock = await locks.lock(tx, o.lock.organization_id, o.lock.id);
    if (lock === null) throw notFound('Lock not found');
    const input = {
      pin: await chosen(tx, lock, o.others),
      label: o.label,
      times: { kind: 'temporary' as const, ...o.window },
    };
    const { row } = await add(tx, lock, input, { api: o.api, actor: null, passId: o.passId });
    return row.id;
  }

  /** Whether it ever had one: what did not come is not tried again. */
  const hadFor = (tx: Tx, organizationId: OrganizationId, passId: PassId): Promise<boolean> =>
    hadPinForPass(tx, organizationId, passId);

  /** Until when nothing is written to this lock, as the way there is in trouble. */
  async function lockHeldUntil({ organization_id, id }: LockRow, tx: Tx): Promise<Instant | null> {
    return heldUntil(await lockCodesOf(tx, organization_id, id), clock.now());
  }

  /** Null: it has none, or not any more. `tx`: then the row of its lock is held from now on. */
  async function ofPass(organizationId: OrganizationId, passId: PassId, tx?: Tx): Promise<PassPin | null> {
    if (tx !== undefined) await holdLocks(tx, organizationId, passId);
    const db = tx ?? database.read;
    const row = (await pinsOfPass(db, organizationId, passId))[0];
    if (row === undefined || row.schedule.kind !== 'temporary') return null;
    const now = clock.now();
    const { from, until } = row.schedule;
    const window = { from, until };
    const codes = await lockCodesOf(db, organizationId, row.lock_id);
    const bought = { state: row.state, since: row.created_at, window, wakeAt: row.wake_at };
    return { row, window, outlook: outlookOf({ ...bought, heldUntil: heldUntil(codes, now) }, now) };
  }

  /** All codes of a pass go. */
  async function removeOf(tx: Tx, organizationId: OrganizationId, passId: PassId): Promise<void> {
    await holdLocks(tx, organizationId, passId);
    for (const pin of await pinsOfPass(tx, organizationId, passId)) {
      const lock = await locks.any(organizationId, pin.lock_id, tx);
      if (lock === null || pin.state === 'deleting') continue;
      await meant(tx, lock, pin, 'delete', { api: pin.api, actor: null });
    }
  }

  /** Its digits as a guest is told them: only while they are on the lock. */
  async function shown(organizationId: OrganizationId, id: PinId): Promise<string | null> {
    const row = await findAnyPin(database.read, organizationId, id);
    return row?.state === 'loaded' ? open(row) : null;
  }

  return { loadFor, hadFor, lockHeldUntil, ofPass, removeOf, shown };

  async function holdLocks(tx: Tx, organizationId: OrganizationId, passId: PassId): Promise<void> {
    const pins = await pinsOfPass(tx, organizationId, passId);
    for (const id of new Set(pins.map(({ lock_id }) => lock_id))) await locks.lock(tx, organizationId, id);
  }
}
