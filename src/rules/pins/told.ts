import { assertNever } from '../assert-never.ts';
import { hours, type Instant, minutes } from '../instant.ts';
import type { Conflict, KeypadFacts, PinFacts, Placed, Placement } from './pin.ts';
import type { PlanCommand } from './plan.ts';
import type { Window } from './schedule.ts';

/** How a write ended, as far as a PIN is concerned (drivers/lock-port). */
export type WriteOutcome =
  /** `accepted`: taken, proof must come. */
  | { kind: 'confirmed' | 'accepted'; gave?: { reference?: string; slot?: number; window?: Window } }
  | { kind: 'refused'; reason: string; notSent?: true }
  | { kind: 'unknown' };

type Write = Exclude<PlanCommand, { kind: 'look' }>;

/** What changed of a PIN, and whether the trouble is the whole lock's: then nothing else is tried there for a while. */
export type Told = {
  pin: Pick<PinFacts, 'placement' | 'failures' | 'suspendedUntil' | 'conflict'>;
  wholeLock: boolean;
  suspended: boolean;
  /** Why it did not work, in the vendor's kind; null: it did. */
  trouble: string | null;
};

export const suspension = { failures: 3, within: minutes(5), first: minutes(30), most: hours(2) } as const;
const mostFailures = 30;

/** Troubles that have nothing to do with the code: the way to the lock, our account, or the lock itself. */
const ofTheCode = new Set(['code-taken', 'code-full', 'code-refused', 'code-missing', 'vendor', 'unsupported']);

/** Written with the command, before it is sent: whoever finds it later knows that it may have been done. */
export function begun(pin: PinFacts, command: Write, name: string, now: Instant): Placement {
  const { attempt: before, ...rest } = pin.placement;
  const [slot, reference] = [
    'slot' in command ? command.slot : null,
    'reference' in command ? command.reference : null,
  ];
  const print = ('print' in command ? command.print : null) ?? pin.placement.present?.print ?? pin.print;
  const window = 'window' in command ? command.window : { from: now, until: now };
  if (command.kind === 'clear' && before?.kind === 'set') return pin.placement; // its slot is not empty before that is known
  const again = before === null ? {} : { again: true as const };
  return { ...rest, attempt: { kind: command.kind, print, reference, slot, window, name, at: now, ...again } };
}

/** What became of it; `pin` as it was when the outcome came, `held`: how many codes were known on the lock. */
export function told(
  pin: PinFacts,
  command: Write,
  outcome: WriteOutcome,
  keypad: Pick<KeypadFacts, 'readsBack'>,
  o: { held: number; now: Instant },
): Told {
  const { now } = o;
  const fine = { failures: [], suspendedUntil: null, conflict: null };
  const ended = (placement: Placement): Told => ({
    pin: { placement, ...fine },
    wholeLock: false,
    suspended: false,
    trouble: null,
  });
  switch (outcome.kind) {
    case 'accepted':
    case 'confirmed':
      if (outcome.kind === 'accepted' && keypad.readsBack) return unheard(pin, now); // its proof is to be seen on the lock
      if (command.kind === 'clear' && pin.placement.attempt?.kind === 'set') {
        return { ...ended(done(pin, command, {}, now)), pin: { ...pin, placement: done(pin, command, {}, now) } };
      }
      return ended(done(pin, command, outcome.gave ?? {}, now));
    case 'unknown': {
      const placement = sentAt(pin.placement, now);
      return failed({ ...pin, placement }, 'unknown', now);
    }
    case 'refused':
      break;
    default:
      return assertNever(outcome);
  }
  const { reason } = outcome;
  const attempt = pin.placement.attempt;
  const before: Placement = {
    ...pin.placement,
    attempt: command.kind === 'clear' && attempt?.kind === 'set' ? attempt : null,
  };
  const kept = attempt?.again === true ? sentAt(pin.placement, now) : before; // the first of them is still not known
  if (outcome.notSent === true || !ofTheCode.has(reason)) {
    return { pin: { ...pin, placement: kept }, wholeLock: true, suspended: false, trouble: reason };
  }
  if (reason === 'code-missing' && command.kind === 'clear') return ended(done(pin, command, {}, now));
  if (reason === 'code-missing' && command.kind === 'change') {
    return ended({ ...before, present: without(before.present, command.reference) });
  }
  if (reason === 'code-taken' && command.kind !== 'clear') {
    if (attempt?.again === true && attempt.kind === 'set' && !keypad.readsBack)
      return ended(done(pin, command, {}, now));
    const conflict: Conflict = { at: now, with: null };
    return { pin: { ...pin, placement: before, conflict }, wholeLock: false, suspended: false, trouble: reason };
  }
  const placement: Placement = {
    ...kept,
    ...(command.kind === 'change' && (reason === 'unsupported' || pin.failures.length > 0)
      ? { rewrite: true as const }
      : {}),
    ...(reason === 'code-full' ? { full: { at: now, held: o.held } } : {}),
  };
  return failed({ ...pin, placement }, reason, now);
}

const unheard = (pin: PinFacts, now: Instant): Told => ({
  pin: { ...pin, placement: sentAt(pin.placement, now) },
  wholeLock: false,
  suspended: false,
  trouble: null,
});

const sentAt = (placement: Placement, now: Instant): Placement =>
  placement.attempt === null ? placement : { ...placement, attempt: { ...placement.attempt, at: now } };

function failed(pin: PinFacts, trouble: string, now: Instant): Told {
  const failures = [...pin.failures.filter((at) => at <= now), now].slice(-mostFailures);
  const lately = failures.filter((at) => at > now - suspension.within).length;
  const suspended = lately >= suspension.failures;
  const times = Math.floor(failures.length / suspension.failures);
  const pause = Math.min(suspension.most, suspension.first * 2 ** Math.max(0, times - 1));
  const { placement, conflict } = pin;
  return {
    pin: { placement, conflict, failures, suspendedUntil: suspended ? now + pause : pin.suspendedUntil },
    wholeLock: false,
    suspended,
    trouble,
  };
}

function done(
  pin: PinFacts,
  command: Write,
  gave: { reference?: string; slot?: number; window?: Window },
  now: Instant,
): Placement {
  const { present, old, attempt } = pin.placement;
  const { rewrite, ...rest } = pin.placement;
  if (command.kind === 'clear') {
    const kept = attempt?.kind === 'set' && attempt.slot !== command.slot ? attempt : null;
    return {
      ...rest, // what could not be changed is off: it is written anew
      present: without(present, command.reference, command.slot),
      old: without(old, command.reference, command.slot),
      attempt: kept,
    };
  }
  const asked = command.window;
  const window = gave.window ?? asked;
  if (command.kind === 'change') {
    const print = command.print ?? present?.print ?? pin.print;
    const slot = gave.slot ?? present?.slot ?? null;
    const changedTo: Placed = { reference: command.reference, slot, print, asked, window, at: now };
    return { ...pin.placement, present: changedTo, attempt: null };
  }
  const slot = gave.slot ?? command.slot;
  const reference = gave.reference ?? (slot === null ? null : String(slot));
  const set: Placed = { reference, slot, print: command.print, asked, window, at: now };
  const keptRewrite = rewrite === undefined || present === null ? {} : { rewrite };
  return { ...rest, ...keptRewrite, present: set, old: present ?? old, attempt: null };
}

function without(placed: Placed | null, reference: string, slot: number | null = null): Placed | null {
  if (placed === null) return null;
  const same = placed.reference === null ? slot !== null && placed.slot === slot : placed.reference === reference;
  return same ? null : placed;
}
