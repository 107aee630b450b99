import { type Instant, seconds } from '../instant.ts';

/**
 * One missed answer is a hiccup of the network, not a machine that is offline: nobody is told before the second one in a
 * row, or before the silence has lasted. Money is another matter: it is not taken after the first (sessions/availability).
 */
const silenceThatTells = seconds(10);
const missesThatTell = 2;
/** Two looks that cross each other miss the same hiccup: the second counts only so much later. */
const apart = seconds(2);

/** Whether a run's device is out of reach, so far as to tell the guest. */
export function isOutOfReach(run: { unreachableSince: Instant | null; misses: number }, now: Instant): boolean {
  if (run.unreachableSince === null) return false;
  return run.misses >= missesThatTell || now - run.unreachableSince > silenceThatTells;
}

/** Since when the device counts as offline after one more missed answer; null: not yet. */
export function offlineSince(
  before: { unreachableSince: Instant | null; offlineSince: Instant | null },
  missedAt: Instant,
): Instant | null {
  if (before.offlineSince !== null || before.unreachableSince === null) return before.offlineSince;
  return missedAt - before.unreachableSince >= apart ? before.unreachableSince : null;
}
