import type { Tx } from '../../database/open.ts';
import { notFound } from '../../rules/errors.ts';
import type { OrganizationId, PassId, PinId } from '../../rules/ids.ts';
import type { Window } from '../../rules/pins/schedule.ts';
import type { LockRow, LocksService } from '../locks/locks.service.ts';
import type { PinAsker, PinInput } from './pin-input.ts';
import { type PinRow, pinsOfPass } from './pins.store.ts';

type Deps = {
  locks: LocksService;
  add(tx: Tx, lock: LockRow, input: PinInput, by: PinAsker): Promise<{ row: PinRow; pin: string }>;
  meant(tx: Tx, lock: LockRow, row: PinRow, intent: 'delete', by: PinAsker): Promise<PinRow>;
};

/** Codes that were bought: they come and go with their pass, in its transactions. */
export function createPassPins({ locks, add, meant }: Deps) {
  /** A code for a pass: in this window alone. Chosen here unless digits are given. */
  async function loadFor(
    tx: Tx,
    o: { lock: LockRow; passId: PassId; pin: string | null; window: Window; label: string; api: string },
  ): Promise<{ pinId: PinId; pin: string }> {
    const lock = await locks.lock(tx, o.lock.organization_id, o.lock.id);
    if (lock === null) throw notFound('Lock not found');
    const { from, until } = o.window;
    const times = until === null ? { kind: 'always' as const } : { kind: 'temporary' as const, from, until };
    const { row, pin } = await add(
      tx,
      lock,
      { pin: o.pin, label: o.label, times },
      { api: o.api, actor: null, passId: o.passId },
    );
    return { pinId: row.id, pin };
  }

  /** All codes of a pass go. */
  async function removeOf(tx: Tx, organizationId: OrganizationId, passId: PassId): Promise<void> {
    for (const { lock_id } of await pinsOfPass(tx, organizationId, passId)) {
      const lock = await locks.any(organizationId, lock_id, tx);
      if (lock === null) continue;
      await locks.lock(tx, organizationId, lock_id);
      for (const pin of await pinsOfPass(tx, organizationId, passId)) {
        if (pin.lock_id === lock_id && pin.state !== 'deleting')
          await meant(tx, lock, pin, 'delete', { api: pin.api, actor: null });
      }
    }
  }

  return { loadFor, removeOf };
}
