import { hours, type Instant } from '../instant.ts';
import type { KeypadFacts, PinFacts, SeenCode } from './pin.ts';

/** What a full lock said of itself counts for so long. */
const fullFor = hours(6);
const mostSlots = 250;

export type Room = {
  /** A code more fits on it. */
  free: boolean;
  /** The slot to name, where it counts them; never one that was not seen empty. */
  slot: number | null;
};

/** What is on the lock, or may be: a slot is free only after it was seen empty. */
export function roomOn(
  pins: readonly PinFacts[],
  strangers: readonly SeenCode[],
  { slots, namesSlots }: Pick<KeypadFacts, 'slots' | 'namesSlots'>,
  now: Instant,
): Room {
  const ours = pins.flatMap(({ placement: { present, old, attempt } }) =>
    [present, old, attempt?.kind === 'set' ? attempt : null].filter((one) => one !== null),
  );
  const fullAt = pins
    .map(({ placement }) => placement.full)
    .filter((full) => full !== undefined && now - full.at < fullFor)
    .map((full) => full?.held ?? 0);
  const capacity = Math.min(slots ?? Number.POSITIVE_INFINITY, ...fullAt);
  const count = ours.length + strangers.length;
  if (count >= capacity) return { free: false, slot: null };
  if (!namesSlots) return { free: true, slot: null };
  const taken = new Set([...ours, ...strangers].map(({ slot }) => slot));
  for (let slot = 1; slot <= (slots ?? mostSlots); slot++) if (!taken.has(slot)) return { free: true, slot };
  return { free: false, slot: null };
}

/** How many codes are on it as far as is known. */
export const heldOn = (pins: readonly PinFacts[], strangers: readonly SeenCode[]): number =>
  strangers.length +
  pins.reduce((sum, { placement: { present, old } }) => sum + (present === null ? 0 : 1) + (old === null ? 0 : 1), 0);
