import { hours, type Instant, minutes, seconds } from '../instant.ts';
import { type Attempt, contains, type KeypadFacts, type PinFacts, type Placed, sameWindow } from './pin.ts';
import { believedAfter } from './resolve.ts';
import type { Window } from './schedule.ts';
import { isWithdrawn, type Want } from './want.ts';

/** What one PIN needs, by itself: whether there is room for it, and whose turn it is, is decided by the plan. */
export type Need =
  /** As it should be, until then. */
  | { kind: 'nothing'; wakeAt: Instant | null }
  | { kind: 'wait'; wakeAt: Instant | null; why: Waiting }
  /** A write was not heard of: the lock must be looked at, from then on. */
  | { kind: 'look'; from: Instant }
  | { kind: 'set'; print: string; window: Window; inUse: boolean }
  | { kind: 'change'; placed: Placed; print: string | null; window: Window }
  /** `opens`: it opens the door at this moment, and must not. */
  | { kind: 'clear'; reference: string; slot: number | null; opens: boolean };

export type Waiting =
  | 'unheard'
  | 'retrying'
  | 'suspended'
  | 'conflict'
  | 'in-use'
  | 'digits-on-lock'
  | 'no-room'
  | 'not-removable'
  | 'no-keypad'
  | 'lockdown';

export type Where = {
  keypad: KeypadFacts;
  now: Instant;
  want: Want | null;
};

/** A lost answer is looked after so soon: what came of it is mostly there to be seen. */
const firstLook = seconds(5);
/** After a failure the same is tried again so much later; three within five minutes suspend the code. */
const pauses = [seconds(20), minutes(1), minutes(2)] as const;
export const conflictsLast = hours(1);

export function needOf(pin: PinFacts, where: Where): Need {
  const { keypad, now } = where;
  const { attempt } = pin.placement;
  if (attempt !== null && keypad.readsBack) {
    return { kind: 'look', from: attempt.at + (now < attempt.at + believedAfter ? firstLook : 0) };
  }
  if (attempt !== null && now < attempt.at + believedAfter) {
    return { kind: 'wait', wakeAt: attempt.at + believedAfter, why: 'unheard' };
  }
  const later = heldUntil(pin, now);
  const need = attempt === null ? placing(pin, where) : again(pin, attempt, where);
  if (later === null || need.kind === 'nothing' || need.kind === 'wait') return need;
  return { kind: 'wait', wakeAt: later, why: pin.suspendedUntil === later ? 'suspended' : 'retrying' };
}

/** Until when nothing is tried for it, after failures; null: it may be tried now. */
function heldUntil({ suspendedUntil, failures }: PinFacts, now: Instant): Instant | null {
  if (suspendedUntil !== null && suspendedUntil > now) return suspendedUntil;
  const last = failures.at(-1);
  if (last === undefined) return null;
  const until = last + (pauses[Math.min(failures.length, pauses.length) - 1] ?? 0);
  return until > now && last <= now ? until : null;
}

/**
 * A write to a lock that cannot be read was not heard of. What was to be cleared or changed is so once more; a slot that was
 * to be written is cleared, and only then written again. Where the lock chooses, the digits are written again: they cannot
 * be on it twice.
 */
function again(pin: PinFacts, attempt: Attempt, where: Where): Need {
  const { reference, slot, print, window } = attempt;
  const { present } = pin.placement;
  if (attempt.kind === 'set' && slot === null) return { kind: 'set', print, window, inUse: false };
  if (attempt.kind === 'change') {
    if (where.want === null || present === null || pin.placement.rewrite === true) {
      const { reference: on, slot: at } = present ?? attempt;
      return { kind: 'clear', reference: on ?? String(at), slot: at, opens: where.want === null };
    }
    const same = print === present.print && pin.print === present.print;
    return { kind: 'change', placed: present, print: same ? null : pin.print, window: where.want.window };
  }
  const opens = attempt.kind === 'set' || where.want === null;
  return { kind: 'clear', reference: reference ?? String(slot), slot, opens };
}

function placing(pin: PinFacts, { keypad, now, want }: Where): Need {
  const { present, old } = pin.placement;
  const opens = (placed: Placed) => !keypad.keepsWindows || contains(placed.window, now);
  const clear = (placed: Placed): Need => {
    const { reference, slot } = placed;
    if (isRemovable(placed)) {
      return { kind: 'clear', reference: reference ?? String(slot), slot, opens: opens(placed) };
    }
    return { kind: 'wait', wakeAt: null, why: 'not-removable' };
  };
  const placed = [old, present].find((one) => one !== null && isRemovable(one)) ?? old ?? present;
  const notYet = want !== null && now < want.onFrom;
  if (want === null) {
    if (placed !== null) return clear(placed);
    const barred = pin.barred === true && !isWithdrawn(pin);
    return barred ? { kind: 'wait', wakeAt: null, why: 'lockdown' } : { kind: 'nothing', wakeAt: null };
  }
  if (notYet && !keypad.keepsWindows && present !== null && placed !== null) return clear(placed);
  const oldIsUseless = old !== null && isRemovable(old) && !(opens(old) && contains(want.window, now));
  if (oldIsUseless) return clear(old);
  if (present === null) {
    if (!notYet) return { kind: 'set', print: pin.print, window: want.window, inUse: old !== null };
    return old === null ? { kind: 'nothing', wakeAt: want.onFrom } : clear(old);
  }
  if (isAsWanted(pin, want, keypad, now)) {
    return old === null ? { kind: 'nothing', wakeAt: want.window.until } : clear(old);
  }
  const inUse = opens(present) && contains(want.window, now);
  const inPlace = keypad.changesInPlace && pin.placement.rewrite !== true && present.reference !== null;
  if (present.print !== pin.print) {
    // changed once more before the first digits were off: no code is lost sight of
    if (old !== null && isRemovable(old)) return clear(old);
    if (inUse || !isRemovable(present)) return { kind: 'set', print: pin.print, window: want.window, inUse };
    return inPlace ? { kind: 'change', placed: present, print: pin.print, window: want.window } : clear(present);
  }
  if (inPlace) return { kind: 'change', placed: present, print: null, window: want.window };
  // the same digits cannot be on it twice: it stays where it is while it opens
  return inUse
    ? { kind: 'wait', wakeAt: sooner(present.window.until, want.window.until), why: 'in-use' }
    : clear(present);
}

/** Somebody has told what it is called there. */
const isRemovable = ({ reference, slot }: Placed): boolean => reference !== null || slot !== null;

/** It is on the lock, with these digits, in this window. */
export function isAsWanted(pin: PinFacts, want: Want, keypad: KeypadFacts, now: Instant): boolean {
  const { present } = pin.placement;
  if (present === null || present.print !== pin.print || isWithdrawn(pin)) return false;
  if (!keypad.keepsWindows) return want.onFrom <= now;
  return sameWindow(present.asked, want.window, now);
}

export const sooner = (one: Instant | null, other: Instant | null): Instant | null =>
  one === null || other === null ? (one ?? other) : Math.min(one, other);
