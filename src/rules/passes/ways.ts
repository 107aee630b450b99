import type { Instant } from '../instant.ts';
import { segmentAt } from '../time/zone.ts';
import type { WayKind, Window } from './pass.ts';

/** What of a lock matters to somebody who buys a way in (drivers/lock-port tells more). */
export type LockForSale = {
  /** It can be opened from afar: through a bridge, or by a network of its own. */
  unlock: boolean;
  keypadKeepsWindows: boolean;
  /** The vendor chooses a code without reaching the lock; when one may begin and end, in milliseconds. */
  issuesCodes: { granularity: number } | null;
  issuesQr: boolean;
  /** null: nobody knows, or it has none; one with neither bridge nor network has no keypad that could be written from afar. */
  bridgeOnline: boolean | null;
  /** The vendor does not answer at all lately. */
  vendor: 'well' | 'failing' | 'held';
};

export type Way = Exclude<WayKind, 'open-now'>;

/**
 * The ways in that a lock allows now, in the order in which they are tried. A picture is shown to the lock, and needs nobody
 * to type; digits with the exact window go through the bridge; digits that the vendor chooses need only the vendor.
 */
export function waysNow(lock: LockForSale): Way[] {
  if (lock.vendor === 'held') return [];
  const ways: Way[] = [];
  if (lock.issuesQr) ways.push('qr');
  if (lock.keypadKeepsWindows && reached(lock)) ways.push('pin');
  if (lock.issuesCodes !== null) ways.push('code');
  return ways;
}

/** Whether the button on the guest's page would do anything now. */
export const opensNow = (lock: LockForSale): boolean => lock.unlock && reached(lock) && lock.vendor !== 'held';

const reached = ({ bridgeOnline }: LockForSale): boolean => bridgeOnline !== false;

/** The window that a code of this vendor's has: from no later, until no sooner, on the hours of the wall clock. */
export function codeWindow({ from, until }: Window, granularity: number, zone: string): Window {
  if (granularity <= 1) return { from, until };
  const offset = (at: Instant): number => segmentAt(zone, at).offset;
  const floor = (at: Instant): Instant => {
    const wall = at + offset(at);
    return at - (((wall % granularity) + granularity) % granularity);
  };
  const down = floor(until);
  return { from: floor(from), until: down === until ? until : down + granularity };
}

export type DoorForSale = {
  status: 'ACTIVE' | 'PASSAGE' | 'MAINTENANCE';
  /** The place in an emergency. */
  mode: 'lockdown' | 'open-all' | null;
  open: boolean;
  /** The doors' part of the product is switched on. */
  moduleOn: boolean;
  /** null: the door has no lock that we know of. */
  lock: LockForSale | null;
};

/** Why a way in is not sold now; `passage` and `open-all`: since nobody needs one. */
export type NotSold =
  | 'passage'
  | 'open-all'
  | 'maintenance'
  | 'closed'
  | 'lockdown'
  | 'switched-off'
  | 'no-lock'
  | 'no-way-in';

/** No money is taken for a door that nobody could be let in by. null: it is sold. */
export function cannotSell(door: DoorForSale): NotSold | null {
  if (door.mode === 'lockdown') return 'lockdown';
  if (door.mode === 'open-all') return 'open-all';
  if (door.status === 'PASSAGE') return 'passage';
  if (door.status === 'MAINTENANCE') return 'maintenance';
  if (!door.moduleOn) return 'switched-off';
  if (!door.open) return 'closed';
  if (door.lock === null) return 'no-lock';
  return waysNow(door.lock).length > 0 || opensNow(door.lock) ? null : 'no-way-in';
}
