/** Codes that fit on a lock whose vendor says nothing of it; also how many programs of partners are promised. */
export const usualSlots = 240;

export const slotsOf = (keypad: { slots: number | null } | null): number => keypad?.slots ?? usualSlots;

/** The first that nobody has; those without a number take up room all the same. null: it is full. */
export function freeSlot(taken: readonly (number | null)[], slots: number): number | null {
  if (taken.length >= slots) return null;
  const numbers = new Set(taken);
  for (let slot = 1; slot <= slots; slot++) if (!numbers.has(slot)) return slot;
  return null;
}
