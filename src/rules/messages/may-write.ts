import { hours, type Instant } from '../instant.ts';
import type { PageState } from '../sessions/view.ts';

/** Messages of one session. */
export const mostMessages = 5;
const askedFor = hours(24 * 30);

/**
 * Whether a guest may tell the owner that something went wrong: once a run is over, where the machine is out of sight, and
 * where money that is due did not get back. A run that nobody paid for never was.
 */
export function mayWrite(
  run: { state: PageState; refundFailed: boolean; endedAt: Instant | null },
  now: Instant,
): boolean {
  if (run.endedAt !== null && now - run.endedAt > askedFor) return false;
  if (run.refundFailed) return true;
  const states: readonly PageState[] = ['complete', 'interrupted', 'failed-to-start', 'unavailable'];
  return states.includes(run.state);
}
