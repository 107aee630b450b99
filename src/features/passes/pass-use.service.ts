import type { Witness } from '../access/lock-records.service.ts';
import type { PassesService } from './passes.service.ts';
import { passesOn } from './passes.store.ts';

/**
 * A code that the vendor issued to a guest was pressed, as the lock's book tells: the pass knows that its door opened, and
 * the access event whose it was. What was shown to a camera no book names.
 */
export function createPassUse({ passes }: { passes: Pick<PassesService, 'opened' | 'step'> }): Witness {
  return async (tx, lock, record) => {
    if (record.by !== 'pin' || record.pin === null) return null;
    const all = await passesOn(tx, lock.organization_id, lock.id);
    const pressed = all.find(({ way }) =>
      way.issued.some(({ lockId, code }) => lockId === lock.id && code !== null && passes.opened(code) === record.pin),
    );
    if (pressed === undefined) return null;
    if (record.did === 'unlocked') {
      await passes.step(tx, lock.organization_id, pressed.id, { kind: 'opened', at: record.at });
    }
    return { kind: 'pass', ref: pressed.id, personId: null };
  };
}
