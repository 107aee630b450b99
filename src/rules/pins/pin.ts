import type { Instant } from '../instant.ts';
import type { Schedule, Window } from './schedule.ts';

/**
 * A PIN, as the plan sees it: what should be, and what is known of it on the lock. Rules never see digits: `print` stands
 * for them, and two are the same digits exactly if their prints are equal.
 */
export type PinFacts = {
  id: string;
  print: string;
  /** What its name on the lock ends with. */
  mark: string;
  schedule: Schedule;
  state: PinState;
  /** When it was made: a code that opens always opens from then on. */
  since: Instant;
  /** When it opened for the first time, for codes that open once. */
  usedAt: Instant | null;
  placement: Placement;
  conflict: Conflict | null;
  /** When commands for it failed since one succeeded. */
  failures: readonly Instant[];
  suspendedUntil: Instant | null;
  /** Its place is locked down, and it is of nobody who is named: it opens nothing until that is over. */
  barred?: true;
};

export type PinState =
  | 'created'
  | 'loaded'
  | 'disabling'
  | 'disabled'
  | 'enabling'
  | 'updating'
  | 'deleting'
  /** Off the lock for good. */
  | 'gone';

/** A code of ours on the lock: seen there, or confirmed by the receipt of its write. */
export type Placed = {
  /** Null: it is there, and nobody told what it is called. */
  reference: string | null;
  slot: number | null;
  print: string;
  /** What was asked for, and what the lock made of it. */
  asked: Window;
  window: Window;
  at: Instant;
};

/** A write that was begun and of which nothing certain was heard yet. */
export type Attempt = {
  kind: 'set' | 'change' | 'clear';
  print: string;
  reference: string | null;
  slot: number | null;
  window: Window;
  name: string;
  at: Instant;
  /** Something was begun before it and not heard of: a no to this one does not tell what became of that. */
  again?: true;
};

export type Placement = {
  present: Placed | null;
  /** The code that stays on until the new one was seen: the same person's, with other digits. */
  old: Placed | null;
  attempt: Attempt | null;
  /** The lock refused to change it where it is. */
  rewrite?: true;
  /** The lock said that it is full, with so many codes on it. */
  full?: { at: Instant; held: number };
};

export const nowhere: Placement = { present: null, old: null, attempt: null };

/** What has the same digits on the lock; null where the lock does not tell what it is. */
export type Conflict = { at: Instant; with: { reference: string; name: string | null; slot: number | null } | null };

/** A code as it was read from the lock. `print` null: its digits cannot be read. */
export type SeenCode = {
  reference: string;
  slot: number | null;
  print: string | null;
  name: string | null;
  window: Window | null;
};

/** All codes on a lock, read at one moment (that its reading began). */
export type Reading = { codes: readonly SeenCode[]; at: Instant };

/** What of a keypad the plan goes by (drivers/lock-port). */
export type KeypadFacts = {
  slots: number | null;
  namesSlots: boolean;
  keepsWindows: boolean;
  readsBack: boolean;
  changesInPlace: boolean;
};

/** Whether anything of it is on the lock, or may be. */
export const isAnywhere = ({ present, old, attempt }: Placement): boolean =>
  present !== null || old !== null || attempt?.kind === 'set';

export const contains = ({ from, until }: Window, at: Instant): boolean => from <= at && (until === null || at < until);

/** Locks keep whole seconds or minutes; what has begun, has begun. */
const tolerance = 60_000;
export function sameWindow(one: Window, other: Window, now: Instant): boolean {
  const near = (a: number | null, b: number | null) =>
    a === b || (a !== null && b !== null && Math.abs(a - b) < tolerance);
  return near(Math.max(one.from, now), Math.max(other.from, now)) && near(one.until, other.until);
}
