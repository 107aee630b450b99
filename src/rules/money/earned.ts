import type { Ending } from '../sessions/session.ts';
import { delivered } from './delivered.ts';

/** Money that a run was paid with, in minor units; `extraMs`: the time it bought on top, 0 for that which the run began with. */
export type Bought = { amount: number; extraMs: number };

/** `durationMs`: all that was bought; `onMs`: the time the relay was on. */
export type Ran = { durationMs: number; onMs: number; how: Ending['delivered'] };

/**
 * What of a run's payments was earned: the oldest first, each over its own time. The hour that was had is earned whole,
 * whatever was bought on top of it for less or for nothing; and what was not reached of the newest goes back, which is
 * the payment that refunds take first (settle.ts).
 */
export function earned(boughtOldestFirst: readonly Bought[], { durationMs, onMs, how }: Ran): number {
  const onTop = boughtOldestFirst.reduce((sum, { extraMs }) => sum + extraMs, 0);
  let left = onMs;
  let sum = 0;
  for (const { amount, extraMs } of boughtOldestFirst) {
    const own = extraMs > 0 ? extraMs : durationMs - onTop;
    sum += delivered(amount, own, left, how);
    left -= own;
  }
  return sum;
}
