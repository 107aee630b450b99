import type { Tx } from '../../database/open.ts';
import type { LockRecord } from '../../drivers/lock-port.ts';
import type { PassId } from '../../rules/ids.ts';
import type { Witness } from '../access/lock-records.service.ts';
import type { LockRow } from '../locks/locks.service.ts';
import type { PinsService } from '../pins/pins.service.ts';
import type { PassesService } from './passes.service.ts';
import { passesOn } from './passes.store.ts';

type Deps = { passes: Pick<PassesService, 'opened' | 'step'>; pins: Pick<PinsService, 'used'> };

/**
 * Digits were pressed, as the lock's book tells. Where a guest has bought them, as a PIN or from the vendor, the pass knows
 * that its door opened, and the access event whose it was. What was shown to a camera no book names.
 */
export function createPassUse({ passes, pins }: Deps): Witness {
  return async (tx, lock, record) => {
    const pin = await pins.used(tx, lock, record);
    if (pin !== null && pin.passId === null) return { kind: pin.kind, ref: pin.ref, personId: pin.personId };
    const passId = pin?.passId ?? (await issuedTo(tx, lock, record));
    if (passId === null) return null;
    if (record.did === 'unlocked') {
      await passes.step(tx, lock.organization_id, passId, { kind: 'opened', at: record.at });
    }
    return { kind: 'pass', ref: passId, personId: null };
  };

  /** Whose code of the vendor's it is. */
  async function issuedTo(tx: Tx, lock: LockRow, record: LockRecord): Promise<PassId | null> {
    if (record.by !== 'pin' || record.pin === null) return null;
    const all = await passesOn(tx, lock.organization_id, lock.id);
    const pressed = all.find(({ way }) =>
      way.issued.some(({ lockId, code }) => lockId === lock.id && code !== null && passes.opened(code) === record.pin),
    );
    return pressed?.id ?? null;
  }
}
