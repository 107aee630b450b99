import { type Instant, minutes, seconds } from '../instant.ts';
import type { Session } from './session.ts';

/** Paying takes a while: in its last minute a run is not offered to be made longer. */
const paysWithin = seconds(60);
/** All in all, extensions included. */
export const longestRun = minutes(24 * 60);

/** Whether more time may be sold for a run now: it runs, its device answers and is on, and paying can still be in time. */
export function extendable({ phase, endsAt, run }: Session, now: Instant): boolean {
  if (phase !== 'running' || endsAt === null || now > endsAt - paysWithin) return false;
  return run.unreachableSince === null && run.offSince === null;
}

/** Whether so much time still fits into the longest run. */
export const fitsOnTop = ({ durationMs }: Session, byMs: number): boolean => durationMs + byMs <= longestRun;
