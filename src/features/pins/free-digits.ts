import type { Tx } from '../../database/open.ts';
import type { Random } from '../../host/random.ts';
import { Problem } from '../../rules/errors.ts';
import type { PinId } from '../../rules/ids.ts';
import { digitsFrom, usualLength } from '../../rules/pins/digits.ts';
import { nowhere } from '../../rules/pins/pin.ts';
import { capabilitiesOf, type LockRow } from '../locks/locks.service.ts';
import { unmanagedOn } from './lock-codes.store.ts';
import { type Digits, printOf } from './pin-facts.ts';
import { type PinRow, pinsOnLock } from './pins.store.ts';

/** Digits that are nobody's on a lock. The caller holds the lock's row, so that two do not find the same ones free. */
export function createFreeDigits({ random, digits }: { random: Random; digits: Digits }) {
  return { refuseTaken, chosen };

  /** Digits that are in use on the lock, or still are on it, are somebody's: the answer says whose. */
  async function refuseTaken(tx: Tx, lock: LockRow, pin: string, but: PinId | null): Promise<void> {
    const print = printOf(digits.hash(lock.id, pin));
    const rows = await pinsOnLock(tx, lock.organization_id, lock.id);
    const other = rows.find((row) => row.id !== but && prints(row).includes(print));
    if (other !== undefined) {
      const name = other.label ?? other.id;
      throw new Problem('CONFLICT', `These digits are those of "${name}" on this lock`, {
        facts: { field: 'pin', pinId: other.id },
      });
    }
    const foreign = (await unmanagedOn(tx, lock.organization_id, lock.id)).find(
      ({ pin_hash }) => pin_hash !== null && printOf(pin_hash) === print,
    );
    if (foreign === undefined) return;
    throw new Problem(
      'CONFLICT',
      `A code that was not set from here ("${foreign.name ?? foreign.reference}") has these digits`,
      {
        facts: { field: 'pin', reference: foreign.reference },
      },
    );
  }

  /** `others`: digits that are on the lock besides. */
  async function chosen(tx: Tx, lock: LockRow, others: ReadonlySet<string> = none): Promise<string> {
    const length = usualLength(keypadOf(lock));
    for (let tries = 0; tries < 200; tries++) {
      const pin = digitsFrom(random.bytes(32), length);
      if (pin === null || others.has(pin)) continue;
      const free = await refuseTaken(tx, lock, pin, null).then(
        () => true,
        (error: unknown) => {
          if (error instanceof Problem) return false;
          throw error;
        },
      );
      if (free) return pin;
    }
    throw new Problem('CONFLICT', 'No free digits were found for this lock');
  }
}

const none: ReadonlySet<string> = new Set();

/** Its digits, and those of its codes that are on the lock still. */
export function prints(row: PinRow): string[] {
  const { present, old, attempt } = row.placement ?? nowhere;
  return [printOf(row.pin_hash), present?.print, old?.print, attempt?.print].filter((one) => one !== undefined);
}

export function keypadOf(lock: LockRow) {
  const { keypad } = capabilitiesOf(lock);
  if (keypad === null) throw new Problem('CONFLICT', 'This lock has no keypad that codes can be put on');
  return keypad;
}
