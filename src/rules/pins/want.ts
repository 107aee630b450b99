import { hours, type Instant, minutes } from '../instant.ts';
import type { KeypadFacts, PinFacts } from './pin.ts';
import { nextWindow, type Window } from './schedule.ts';

/** How long before its window a code goes on: where the lock keeps windows by itself, and where it would open at once. */
export const leads = { kept: hours(72), open: minutes(10) } as const;

/** What should be on the lock for a PIN: in this window, put on from `onFrom`. Null: nothing, from now on. */
export type Want = { window: Window; onFrom: Instant };

export function wantOf(
  pin: PinFacts,
  keypad: Pick<KeypadFacts, 'keepsWindows'>,
  zone: string,
  now: Instant,
): Want | null {
  if (isWithdrawn(pin) || pin.barred === true) return null;
  if (pin.schedule.kind === 'oneTime' && pin.usedAt !== null) return null;
  const next = nextWindow(pin.schedule, zone, now);
  if (next === null) return null;
  // made ahead of now: the clock was set back since
  const window = pin.schedule.kind === 'always' ? { from: Math.min(pin.since, now), until: null } : next;
  return { window, onFrom: window.from - (keypad.keepsWindows ? leads.kept : leads.open) };
}

/** Somebody took it away, for good or for a time. */
export const isWithdrawn = ({ state }: Pick<PinFacts, 'state'>): boolean =>
  state === 'disabling' || state === 'disabled' || state === 'deleting' || state === 'gone';
