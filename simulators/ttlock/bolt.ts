/** The bolt of a lock: who moves it, and what it does by itself as time goes by. */

import { isWithin, nextEdge } from './local-time.ts';
import type { LockData, LockEvent } from './lock-data.ts';

export type Mover = { fromLock: number; type: number; keyboardPwd?: string; username?: string | null };

/** The lock's numbers beside those under which the platform lists them. */
export const movers = {
  gatewayOpens: { fromLock: 28, type: 12 },
  gatewayLocks: { fromLock: 26, type: 11 },
  fromInside: { fromLock: 32, type: 32 },
  lockButton: { fromLock: 47, type: 47 },
  autoLock: { fromLock: 45, type: 45 },
  passageOpens: { fromLock: 63, type: 63 },
} satisfies Record<string, Mover>;

const unlockTimedOut = 65;
const lockTimedOut = 66;
const MOST_STEPS = 10_000; // of a clock that jumped

const isJammed = (lock: LockData): boolean => lock.conditions.includes('jammed');
export const isDead = (lock: LockData): boolean => lock.battery <= 0;
export const isPassageAt = ({ passage, zoneOffsetMs }: LockData, at: number): boolean =>
  passage.on && passage.stretches.some((stretch) => isWithin(stretch, at, zoneOffsetMs));

export function eventOf(at: number, mover: Mover, success: boolean): LockEvent {
  const { fromLock, type, keyboardPwd = '', username = null } = mover;
  return { at: at - (at % 1000), fromLock, type, success, keyboardPwd, username }; // its clock knows seconds
}

/** The motor turns, which costs power. A jammed bolt does not move, and the lock says so in its own number. */
function turns(lock: LockData, at: number, mover: Mover, jammed: number): boolean {
  lock.battery = Math.max(0, lock.battery - lock.drainPerTurn);
  const moves = !isJammed(lock);
  const said = moves ? mover : { ...mover, fromLock: jammed, type: jammed };
  lock.unsent.push(eventOf(at, said, moves));
  return moves;
}

/** Answers whether it is open now; a jammed bolt is not. */
export function open(lock: LockData, at: number, mover: Mover): boolean {
  if (!turns(lock, at, mover, unlockTimedOut)) return false;
  lock.locked = false;
  lock.counts.opens += 1;
  lock.autoLockAt = lock.inPassage || lock.autoLockSeconds === 0 ? null : at + lock.autoLockSeconds * 1000;
  return true;
}

export function close(lock: LockData, at: number, mover: Mover): boolean {
  lock.autoLockAt = null;
  if (!turns(lock, at, mover, lockTimedOut)) return false;
  lock.locked = true;
  lock.counts.locks += 1;
  return true;
}

/** Lets happen what time brings: locking by itself, passage times that begin and end. Answers whether anything did. */
export function settleBolt(lock: LockData, now: number): boolean {
  let at = lock.settledAt;
  let moved = false;
  for (let step = 0; step < MOST_STEPS; step++) {
    const edge = lock.passage.on ? nextEdge(lock.passage.stretches, at, lock.zoneOffsetMs) : null;
    const next = Math.min(lock.autoLockAt ?? Number.POSITIVE_INFINITY, edge ?? Number.POSITIVE_INFINITY);
    if (next > now) break;
    at = next;
    if (passes(lock, at)) moved = true;
  }
  lock.settledAt = Math.max(lock.settledAt, now);
  return moved;
}

function passes(lock: LockData, at: number): boolean {
  const passage = isPassageAt(lock, at);
  if (passage !== lock.inPassage) return passage ? passageBegins(lock, at) : passageEnds(lock, at);
  if (lock.autoLockAt !== at) return false;
  if (isDead(lock)) lock.autoLockAt = null;
  else if (close(lock, at, movers.autoLock)) lock.counts.autoLocks += 1;
  return true;
}

/** Also when passage times are set while they run. */
export function passageBegins(lock: LockData, at: number): boolean {
  lock.inPassage = true;
  lock.autoLockAt = null;
  if (lock.passage.autoUnlock && lock.locked && !isDead(lock)) open(lock, at, movers.passageOpens);
  return true;
}

export function passageEnds(lock: LockData, at: number): boolean {
  lock.inPassage = false;
  if (!lock.locked && !isDead(lock) && close(lock, at, movers.autoLock)) lock.counts.autoLocks += 1;
  return true;
}
