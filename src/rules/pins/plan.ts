import type { Instant } from '../instant.ts';
import { asOfNow } from './as-of-now.ts';
import { committed } from './life.ts';
import { conflictsLast, isAsWanted, type Need, needOf, type Waiting } from './need.ts';
import {
  type Conflict,
  contains,
  isAnywhere,
  type KeypadFacts,
  type PinFacts,
  type PinState,
  type Placement,
  type Reading,
  type SeenCode,
} from './pin.ts';
import { resolve } from './resolve.ts';
import { roomOn, wasFull } from './room.ts';
import type { Window } from './schedule.ts';
import { type Want, wantOf } from './want.ts';

/**
 * What to do next on one lock: desired × observed × what it can do × now. Stateless: it remembers nothing, and may be asked
 * again at any moment, by any process. One command at a time; soonest first. It must never move a code in use, take a slot
 * that was not seen empty, write twice on an outcome that is not known, or let one code's trouble hold up another.
 */
export type PlanInput = {
  pins: readonly PinFacts[];
  /** Null: not read, or cannot be read. Older than the last write it must not be. */
  reading: Reading | null;
  unmanaged: {
    policy: 'report' | 'restore' | 'ignore';
    /** Codes that somebody said to leave alone; and those to be taken away. */
    ignored: ReadonlySet<string>;
    unwanted: ReadonlySet<string>;
    /** Ours by another way: codes that a vendor issued for passes. */
    others: ReadonlySet<string>;
    /** Not now: taking them away failed lately. */
    spared: ReadonlySet<string>;
  };
  keypad: KeypadFacts | null;
  zone: string;
  now: Instant;
};

export type PlanCommand =
  | { kind: 'look' }
  | { kind: 'set'; pinId: string; print: string; slot: number | null; window: Window }
  | { kind: 'change'; pinId: string; reference: string; print: string | null; window: Window }
  | { kind: 'clear'; pinId: string; reference: string; slot: number | null }
  /** A code that is not ours is taken away. */
  | { kind: 'clear'; pinId: null; reference: string; slot: number | null };

/** What is known of a PIN now. */
export type Verdict = {
  id: string;
  state: PinState;
  placement: Placement;
  conflict: Conflict | null;
  waiting: Waiting | null;
  /** When there is something to do for it; not later than now: there is now. */
  wakeAt: Instant | null;
};

export type Plan = {
  command: PlanCommand | null;
  verdicts: Verdict[];
  /** Codes on the lock that nobody here has set; null: it was not read. */
  unmanaged: SeenCode[] | null;
};

/** One PIN with what it wants and needs, on the way to a verdict. */
type Case = { pin: PinFacts; want: Want | null; need: Need; start: Instant; conflict: Conflict | null };

export function plan(input: PlanInput): Plan {
  const { keypad, zone, now, unmanaged } = input;
  if (keypad === null) return { command: null, verdicts: input.pins.map(withoutKeypad), unmanaged: null };
  const known = input.pins.map((pin) => asOfNow(pin, now));
  const { pins, strangers } = resolve(known, input.reading, now);
  const foreign = strangers.filter(({ reference }) => !unmanaged.others.has(reference));
  const cases = pins.map((pin) => weigh(pin));
  const command = next();
  return {
    command,
    verdicts: cases.map((one) => verdictOf(one, keypad, now)),
    unmanaged: input.reading === null ? null : foreign,
  };

  function weigh(pin: PinFacts): Case {
    const want = wantOf(pin, keypad ?? neverAsked, zone, now);
    const need = needOf(pin, { keypad: keypad ?? neverAsked, now, want });
    const start = want === null ? now : Math.max(want.window.from, pin.since);
    const digits = need.kind === 'set' || need.kind === 'change' ? need.print : null;
    if (digits === null) return { pin, want, need, start, conflict: null };
    const conflict = conflictFor(pin, digits);
    if (conflict !== null) {
      const wakeAt = conflict.at + conflictsLast;
      return { pin, want, need: { kind: 'wait', wakeAt, why: 'conflict' }, start, conflict };
    }
    const holder = pins.find((other) => other.id !== pin.id && holds(other, digits));
    if (holder === undefined) return { pin, want, need, start, conflict: null };
    return { pin, want, need: { kind: 'wait', wakeAt: now + 30_000, why: 'digits-on-lock' }, start, conflict: null };
  }

  /** Something else on the lock has these digits: seen to be so, or because the lock said so. */
  function conflictFor(pin: PinFacts, digits: string): Conflict | null {
    const same = strangers.find(({ print }) => print === digits);
    if (same !== undefined) {
      const { reference, name, slot } = same;
      const known = pin.conflict?.with?.reference === reference ? pin.conflict.at : null;
      const at = known !== null && now - known < conflictsLast ? known : now;
      return { at, with: { reference, name, slot } };
    }
    if (pin.conflict === null || now - pin.conflict.at >= conflictsLast || now < pin.conflict.at) return null;
    const { reading } = input;
    if (reading === null) return pin.conflict;
    // its digits cannot be read: any of them may be the one
    const unclear = pin.conflict.with === null && strangers.some(({ print }) => print === null);
    return reading.at > pin.conflict.at && !unclear ? null : pin.conflict;
  }

  function next(): PlanCommand | null {
    const due = cases.filter((one) => isDue(one, now)).toSorted(soonestFirst);
    const needsReading = keypad?.readsBack === true && input.reading === null;
    const look = due.some(({ need }) => need.kind === 'look') || (due.length > 0 && needsReading);
    if (look && needsReading) return { kind: 'look' };
    const unwanted = foreign.filter(isUnwanted);
    for (const one of due) {
      const command = commandFor(one);
      if (command !== null) return command;
    }
    if (needsReading && unmanaged.unwanted.size > 0) return { kind: 'look' };
    const stranger = unwanted[0];
    if (stranger === undefined) return null;
    return { kind: 'clear', pinId: null, reference: stranger.reference, slot: stranger.slot };
  }

  function isUnwanted({ reference }: SeenCode): boolean {
    if (unmanaged.spared.has(reference)) return false;
    if (unmanaged.unwanted.has(reference)) return true;
    return unmanaged.policy === 'restore' && !unmanaged.ignored.has(reference);
  }

  /** The command, or what makes room for it; null: not now, and the case says why. */
  function commandFor(one: Case): PlanCommand | null {
    const { pin, need } = one;
    if (need.kind === 'clear') {
      return { kind: 'clear', pinId: pin.id, reference: need.reference, slot: need.slot };
    }
    if (need.kind === 'change') return changed(pin, need);
    if (need.kind !== 'set') return null;
    const { print, window } = need;
    const again = pin.placement.attempt;
    if (again !== null) return { kind: 'set', pinId: pin.id, print, slot: again.slot, window };
    const room = roomOn(pins, strangers, keypad ?? neverAsked, now);
    if (room.free) return { kind: 'set', pinId: pin.id, print, slot: room.slot, window };
    // where room was made for it and the lock was full all the same, no more is taken from others
    const farther = pin.failures.length > 1 && wasFull(pin, now) ? undefined : farthestAfter(one);
    if (farther !== undefined) return farther;
    const { present, rewrite } = pin.placement;
    if (present?.reference != null && keypad?.changesInPlace === true && rewrite !== true) {
      return { kind: 'change', pinId: pin.id, reference: present.reference, print, window };
    }
    one.need = { kind: 'wait', wakeAt: one.want?.window.until ?? null, why: 'no-room' };
    return null;
  }

  /** A code on the lock that opens later than this one, and not now: it gives its slot to the nearer. */
  function farthestAfter({ pin, start }: Case): PlanCommand | undefined {
    const later = cases.filter((other) => {
      const { present, old, attempt } = other.pin.placement;
      if (other.pin.id === pin.id || other.want === null || present?.reference == null) return false;
      const opens = keypad?.keepsWindows !== true || contains(present.window, now);
      return !opens && old === null && attempt === null && other.start > Math.max(start, now);
    });
    const farthest = later.toSorted((a, b) => b.start - a.start)[0]?.pin;
    const placed = farthest?.placement.present;
    if (farthest === undefined || placed?.reference == null) return undefined;
    return { kind: 'clear', pinId: farthest.id, reference: placed.reference, slot: placed.slot };
  }
}

function changed(pin: PinFacts, need: Extract<Need, { kind: 'change' }>): PlanCommand | null {
  const { reference } = need.placed;
  if (reference === null) return null;
  return { kind: 'change', pinId: pin.id, reference, print: need.print, window: need.window };
}

function isDue({ need }: Case, now: Instant): boolean {
  if (need.kind === 'look') return need.from <= now;
  return need.kind === 'set' || need.kind === 'change' || need.kind === 'clear';
}

/** What opens and must not comes first; then whoever stands at the door soonest; last what only makes room. */
function soonestFirst(one: Case, other: Case): number {
  return rankOf(one) - rankOf(other) || one.start - other.start || (one.pin.id < other.pin.id ? -1 : 1);
}

function rankOf({ need, want }: Case): number {
  if (need.kind === 'clear' && need.opens) return 0;
  return need.kind === 'clear' && want === null ? 2 : 1;
}

const holds = ({ placement: { present, old, attempt } }: PinFacts, print: string): boolean =>
  present?.print === print || old?.print === print || (attempt?.kind === 'set' && attempt.print === print);

function verdictOf({ pin, want, need, conflict }: Case, keypad: KeypadFacts, now: Instant): Verdict {
  const { placement } = pin;
  const fits =
    want !== null && placement.old === null && placement.attempt === null && isAsWanted(pin, want, keypad, now);
  const anywhere = isAnywhere(placement) || placement.attempt !== null;
  return {
    id: pin.id,
    state: committed(pin.state, {
      wanted: want !== null || pin.barred === true,
      due: want !== null && want.onFrom <= now,
      anywhere,
      fits,
    }),
    placement,
    conflict,
    waiting: need.kind === 'wait' ? need.why : need.kind === 'look' ? 'unheard' : null,
    wakeAt: need.kind === 'nothing' || need.kind === 'wait' ? need.wakeAt : need.kind === 'look' ? need.from : now,
  };
}

const withoutKeypad = ({ id, state, placement, conflict }: PinFacts): Verdict => ({
  id,
  state,
  placement,
  conflict,
  waiting: 'no-keypad',
  wakeAt: null,
});

const neverAsked: KeypadFacts = {
  slots: 0,
  namesSlots: false,
  keepsWindows: false,
  readsBack: false,
  changesInPlace: false,
};
