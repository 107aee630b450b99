import type { Tx } from '../../database/open.ts';
import type { PersonId } from '../../rules/ids.ts';
import type { LockRow } from '../locks/locks.service.ts';
import type { PinAsker } from './pin-input.ts';
import { type PinRow, pinsOnLock } from './pins.store.ts';

type Deps = { meant(tx: Tx, lock: LockRow, row: PinRow, intent: 'delete', by: PinAsker): Promise<PinRow> };

/** Codes of somebody who may not come to a lock any more. The caller holds the lock's row. */
export const createPersonPins = ({ meant }: Deps) => ({
  async removeOfPerson(tx: Tx, lock: LockRow, personId: PersonId, by: PinAsker): Promise<void> {
    for (const pin of await pinsOnLock(tx, lock.organization_id, lock.id)) {
      if (pin.person_id === personId && pin.state !== 'deleting') await meant(tx, lock, pin, 'delete', by);
    }
  },
});
