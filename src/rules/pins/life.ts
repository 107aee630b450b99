import { assertNever } from '../assert-never.ts';
import type { PinState } from './pin.ts';

/**
 * The life of a PIN in two steps (reference/yale-august.md 5.1): an intent says what shall be, and the lock commits it.
 *
 *   created ──▶ loaded ──▶ disabling ──▶ disabled ──▶ enabling ──▶ loaded
 *                 │ ▲                                                ▲
 *                 ▼ └─ updating ◀── (other digits or times) ─────────┘      any ──▶ deleting ──▶ gone
 *
 * Loaded means: on the lock as it should be. One whose time has not come, or that somebody took off the lock, is created.
 */
export type Intent = 'update' | 'disable' | 'enable' | 'delete';

/** The state that an intent leads to; null: it does not fit, as the PIN is being taken away or is gone. */
export function intended(state: PinState, intent: Intent): PinState | null {
  if (state === 'gone') return null;
  if (intent === 'delete') return 'deleting';
  if (state === 'deleting') return null;
  const away = state === 'disabling' || state === 'disabled';
  if (intent === 'disable') return away ? state : 'disabling';
  if (intent === 'enable') return away ? 'enabling' : state;
  return away || state === 'created' ? state : 'updating'; // other times of a disabled code: it stays so
}

/** What the lock says of it. */
export type OnLock = {
  /** Something should be on the lock now, or will be; false: it is over. */
  wanted: boolean;
  /** It is to be on the lock by now. */
  due: boolean;
  /** Some of it is on the lock, or may be. */
  anywhere: boolean;
  /** It is there as it should be, and nothing else of it is. */
  fits: boolean;
};

export function committed(state: PinState, { wanted, due, anywhere, fits }: OnLock): PinState {
  switch (state) {
    case 'gone':
    case 'disabled':
      return state === 'disabled' && anywhere ? 'disabling' : state;
    case 'deleting':
      return anywhere ? state : 'gone';
    case 'disabling':
      return anywhere ? state : 'disabled';
    case 'created':
    case 'loaded':
    case 'enabling':
    case 'updating':
      if (!wanted) return anywhere ? 'deleting' : 'gone'; // its time is over
      if (fits) return 'loaded';
      if (!anywhere) return state === 'enabling' && due ? state : 'created';
      return state === 'loaded' ? 'updating' : state;
    default:
      return assertNever(state);
  }
}
