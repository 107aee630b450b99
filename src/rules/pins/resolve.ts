import { type Instant, minutes } from '../instant.ts';
import { type PinFacts, type Placed, type Reading, type SeenCode, sameWindow } from './pin.ts';

/** What a lost command did may show so much later; that nothing came of it is believed after that. */
export const believedAfter = minutes(1);

export type Resolved<P extends PinFacts> = {
  pins: P[];
  /** Codes on the lock that are not ours. */
  strangers: SeenCode[];
};

/**
 * What a reading says of our codes: each is known by its reference; one whose write was not heard of, by its digits, or by
 * where it was to go. What was confirmed after the reading began is believed as it was. What is left over is not ours.
 */
export function resolve<P extends PinFacts>(pins: readonly P[], reading: Reading | null, now: Instant): Resolved<P> {
  if (reading === null) return { pins: [...pins], strangers: [] };
  const left = new Map(reading.codes.map((code) => [code.reference, code]));
  const known = pins.map((pin) => ({ ...pin, placement: { ...pin.placement } }));
  for (const { placement } of known) {
    placement.present = seenAgain(placement.present, reading, left, now);
    placement.old = seenAgain(placement.old, reading, left, now);
  }
  for (const { placement } of known) {
    const { attempt, present } = placement;
    if (attempt === null || attempt.at > reading.at) continue;
    if (attempt.kind === 'set') {
      const found = foundFor(attempt, left);
      if (found !== null) {
        left.delete(found.reference);
        placement.old = present ?? placement.old;
        placement.present = placedAs(found, attempt, reading.at, now);
        placement.attempt = null;
        continue;
      }
    }
    const gone = attempt.kind === 'clear' && !known.some(({ placement: p }) => refersTo(p, attempt.reference));
    const changed =
      attempt.kind === 'change' &&
      present !== null &&
      present.print === attempt.print &&
      sameWindow(present.window, attempt.window, now);
    if (changed && present !== null) placement.present = { ...present, asked: attempt.window };
    if (gone || changed || reading.at >= attempt.at + believedAfter) placement.attempt = null;
  }
  for (const pin of known) {
    const found = foundAgain(pin, left);
    if (found === null) continue;
    left.delete(found.reference);
    const from = { print: pin.print, slot: null, window: found.window ?? { from: pin.since, until: null } };
    pin.placement.present = placedAs(found, from, reading.at, now);
  }
  changeBack(known);
  return { pins: known, strangers: [...left.values()] };
}

/** Ours that was lost sight of: a write that came through late, or a list that was not whole. It bears our name. */
function foundAgain({ print, mark, placement }: PinFacts, left: Map<string, SeenCode>): SeenCode | null {
  if (placement.present !== null || placement.attempt !== null) return null;
  return [...left.values()].find((code) => code.print === print && code.name?.endsWith(mark) === true) ?? null;
}

/** Somebody has given two codes each other's digits: each is where its digits are now. */
function changeBack(pins: readonly PinFacts[]): void {
  const isOther = ({ print, placement: { present } }: PinFacts) => present !== null && present.print !== print;
  for (const pin of pins.filter(isOther)) {
    const other = pins.find((one) => one !== pin && isOther(one) && one.placement.present?.print === pin.print);
    if (other === undefined || !isOther(pin)) continue;
    const { present } = pin.placement;
    pin.placement.present = other.placement.present;
    other.placement.present = present;
  }
}

const refersTo = ({ present, old }: { present: Placed | null; old: Placed | null }, reference: string | null) =>
  present?.reference === reference || old?.reference === reference;

/** Null: it is not on the lock any more. */
function seenAgain(placed: Placed | null, reading: Reading, left: Map<string, SeenCode>, now: Instant): Placed | null {
  if (placed === null) return null;
  const found = codeOf(placed, left);
  if (found !== null) left.delete(found.reference);
  if (placed.at > reading.at) return placed;
  if (found === null) return null;
  const print = found.print ?? placed.print;
  const window = found.window ?? placed.window;
  const same = sameWindow(window, placed.window, now) || sameWindow(window, placed.asked, now);
  return {
    reference: found.reference,
    slot: found.slot ?? placed.slot,
    print,
    asked: same ? placed.asked : window, // somebody gave it another one
    window,
    at: placed.at,
  };
}

function codeOf({ reference, slot, print }: Placed, left: Map<string, SeenCode>): SeenCode | null {
  if (reference !== null) return left.get(reference) ?? null;
  return [...left.values()].find((code) => code.print === print || (slot !== null && code.slot === slot)) ?? null;
}

function foundFor(
  { print, slot, name }: { print: string; slot: number | null; name: string },
  left: Map<string, SeenCode>,
): SeenCode | null {
  const codes = [...left.values()];
  const byDigits = codes.find((code) => code.print === print);
  if (byDigits !== undefined) return byDigits;
  const unreadable = codes.filter((code) => code.print === null);
  return unreadable.find((code) => (slot === null ? code.name === name : code.slot === slot)) ?? null;
}

const placedAs = (
  { reference, slot, window }: SeenCode,
  attempt: { print: string; slot: number | null; window: Placed['window'] },
  at: Instant,
  now: Instant,
): Placed => ({
  reference,
  slot: slot ?? attempt.slot,
  print: attempt.print,
  asked: window === null || sameWindow(window, attempt.window, now) ? attempt.window : window,
  window: window ?? attempt.window,
  at,
});
