import type { Tx } from '../../database/open.ts';
import type { Clock } from '../../host/clock.ts';
import { Problem } from '../../rules/errors.ts';
import { minutes } from '../../rules/instant.ts';
import { freeSlot, slotsOf } from '../../rules/pins/slots.ts';
import { capabilitiesOf, type LockRow } from '../locks/locks.service.ts';
import { type Digits, printOf } from './pin-facts.ts';
import type { PinHolder } from './pin-input.ts';
import { dropReservation, isOf, putReservation, reservationsOn } from './pin-reservations.store.ts';
import { pinsOnLock } from './pins.store.ts';

type Deps = { clock: Clock; digits: Digits; chosen(tx: Tx, lock: LockRow): Promise<string> };

/** So long are digits and a slot kept for whoever asked. */
const keptFor = minutes(3);

/** Slots as programs of partners count them. The caller holds the lock's row, so that two do not get the same one. */
export function createPinSlots({ clock, digits, chosen }: Deps) {
  /** Digits that are nobody's, and a slot: kept for a moment, for this person through this program alone. */
  async function reserve(tx: Tx, lock: LockRow, holder: PinHolder): Promise<{ pin: string; slot: number }> {
    const pin = await chosen(tx, lock);
    const slot = await next(tx, lock);
    await putReservation(tx, {
      organization_id: lock.organization_id,
      lock_id: lock.id,
      slot,
      pin_hash: digits.hash(lock.id, pin),
      person_id: holder.personId,
      api_client_id: holder.apiClientId,
      expires_at: clock.now() + keptFor,
    });
    return { pin, slot };
  }

  /** For digits that are loaded: the slot that was kept with them, or the next one. */
  async function slotFor(tx: Tx, lock: LockRow, pin: string, holder: PinHolder): Promise<number> {
    const print = printOf(digits.hash(lock.id, pin));
    const kept = (await reservationsOn(tx, lock, clock.now())).find(
      (row) => isOf(row, holder) && printOf(row.pin_hash) === print,
    );
    if (kept === undefined) return next(tx, lock);
    await dropReservation(tx, kept);
    return kept.slot;
  }

  async function next(tx: Tx, lock: LockRow): Promise<number> {
    const pins = await pinsOnLock(tx, lock.organization_id, lock.id);
    const kept = await reservationsOn(tx, lock, clock.now());
    const counted = pins.filter(({ is_master }) => !is_master);
    const slot = freeSlot(
      [...counted.map((row) => row.slot), ...kept.map((row) => row.slot)],
      slotsOf(capabilitiesOf(lock).keypad),
    );
    if (slot === null) throw new Problem('CONFLICT', 'There is no slot left on this lock');
    return slot;
  }

  return { reserve, slotFor };
}
