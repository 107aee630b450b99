import type { Database, Tx } from '../database/open.ts';
import type { PlacesService } from '../features/access/places.service.ts';
import type { LockRow, LocksService } from '../features/locks/locks.service.ts';
import type { IssuedWay, PassesService, PassRow } from '../features/passes/passes.service.ts';
import type { PassPin as BoughtPin, PinsService } from '../features/pins/pins.service.ts';
import type { Clock } from '../host/clock.ts';
import { Problem } from '../rules/errors.ts';
import type { PassId } from '../rules/ids.ts';
import { seconds } from '../rules/instant.ts';
import { pinPatience } from '../rules/passes/own-pin.ts';

type Deps = {
  database: Database;
  clock: Clock;
  locks: LocksService;
  passes: PassesService;
  pins: PinsService;
  places: Pick<PlacesService, 'ofDoor'>;
};

/** A guest waits: it is looked often, and not for so long that the end of this process has to wait for it. */
const looks = { every: 150, atMost: seconds(6) } as const;

/**
 * Digits of our own as a way in, with exactly the time that was bought. They are put on by whoever keeps the codes of the
 * lock (engine/pin-reconciler), and taken off by the same, whatever became of the write. A pass has them once: where they
 * do not come, another way in is made.
 */
export function createPassPin({ database, clock, locks, passes, pins, places }: Deps) {
  /** `next`: surely not asked for, another way may be tried. */
  async function ask(pass: PassRow, lock: LockRow): Promise<'over' | 'next'> {
    try {
      return await database.transaction('pass-pin-asked', (tx) => askedIn(tx, pass, lock));
    } catch (error) {
      if (error instanceof Problem) return 'next'; // no digits are free, or its keypad is gone
      throw error;
    }
  }

  async function askedIn(tx: Tx, { organization_id, id }: PassRow, { id: lockId }: LockRow): Promise<'over' | 'next'> {
    const lock = await locks.lock(tx, organization_id, lockId);
    const pass = await passes.lock(tx, organization_id, id);
    if (pass === null || pass.phase !== 'issuing' || pass.way.unheard !== null) return 'over';
    if (lock === null || (await pins.hadFor(tx, organization_id, id))) return 'next';
    const from = clock.now();
    if (((await pins.lockHeldUntil(lock, tx)) ?? from) - from > pinPatience.nextTry) return 'next';
    const window = { from, until: from + pass.duration_ms };
    const unheard = { kind: 'pin', name: nameOf(id), window } as const;
    const others = await passes.digitsOn(tx, organization_id, lockId);
    await passes.step(tx, organization_id, id, { kind: 'asked', unheard });
    await pins.loadFor(tx, { lock, passId: id, window, label: nameOf(id), api: 'hygate', others });
    return 'over';
  }

  /** Waits for what was asked for: until it is loaded, surely will not be in time, or has to be waited for anew. */
  async function look(pass: PassRow, lost: AbortSignal): Promise<void> {
    const { organization_id, id } = pass;
    const until = clock.now() + looks.atMost;
    while (pass.phase === 'issuing' && (await pins.ofPass(organization_id, id))?.outlook === 'coming') {
      if (clock.now() >= until || lost.aborted) break;
      await clock.sleep(looks.every, lost);
    }
    await database.transaction('pass-pin-told', async (tx) => {
      const pin = await pins.ofPass(organization_id, id, tx);
      const now = await passes.lock(tx, organization_id, id);
      const { unheard = null } = now?.way ?? {};
      if (unheard !== null && unheard.kind !== 'pin') return; // the lane was lost, and whoever has it asked for another way
      // in a lockdown nothing is made: what came on the lock just before goes again
      const place = await places.ofDoor(organization_id, pass.door_id, tx);
      const wanted = now?.phase === 'issuing' && place?.mode?.kind !== 'lockdown';
      if (wanted && pin?.outlook === 'loaded') {
        const issued = { kind: 'way-issued', way: 'pin', window: pin.window } as const;
        await passes.step(tx, organization_id, id, issued, issuedAs(pin));
      } else if (wanted && pin?.outlook === 'coming') {
        await passes.step(tx, organization_id, id, { kind: 'not-cleared' });
      } else {
        await passes.step(tx, organization_id, id, { kind: 'none-found' });
        await pins.removeOf(tx, organization_id, id);
      }
    });
  }

  /** From then on it is the lock's keeper's to take it off. */
  const clear = ({ organization_id, id }: PassRow): Promise<void> =>
    database.transaction('pass-pin-cleared', (tx) => pins.removeOf(tx, organization_id, id));

  return { ask, look, clear };
}

export type PassPin = ReturnType<typeof createPassPin>;

/** By which it is found again on the lock; names nobody. */
export const nameOf = (id: PassId): string => `Keystead ${id.slice(-12)}`;

const issuedAs = ({ row, window }: BoughtPin): IssuedWay => ({
  kind: 'pin',
  lockId: row.lock_id,
  reference: null,
  pinId: row.id,
  code: null,
  qr: null,
  link: null,
  window,
});
