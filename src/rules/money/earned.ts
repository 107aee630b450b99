import type { Ending } from '../sessions/session.ts';
import { delivered } from './delivered.ts';

/** Money that a run was paid with, in minor units: what it began with, or more time on top of it. */
export type Bought = { amount: number };

/** `durationMs`: all that was bought; `onMs`: the time the relay was on. */
export type Ran = { durationMs: number; onMs: number; how: Ending['delivered'] };

/**
 * What of a run's payments was earned. Time on top joins what the run began with: seconds and prices are summed, and every
 * second of the sum costs the same. Rounded down once. Which payment the rest goes back from is decided by settle.ts.
 */
export function earned(bought: readonly Bought[], { durationMs, onMs, how }: Ran): number {
  const price = bought.reduce((sum, { amount }) => sum + amount, 0);
  return delivered(price, durationMs, onMs, how);
}
