import type { Instant } from '../instant.ts';
import { type Hours, type LastStart, type Opening, opening } from './opening-hours.ts';

/** Why a run may not be begun now. */
export type Unfit = 'closed' | 'starts-after-closing' | 'ends-after-closing';

/**
 * Whether a run that is bought at this moment still fits before closing; null: it does. Closing time itself is the first
 * moment at which it is closed: a run may end at it, and may not begin at it. What runs already is never cut short.
 */
export function unfit(
  now: Opening,
  lastStart: LastStart,
  at: Instant,
  run: { delayMs: number; durationMs: number },
): Unfit | null {
  if (!now.open) return 'closed';
  if (now.closesAt === null) return null;
  const startsAt = at + run.delayMs;
  if (lastStart === 'before-closing') return startsAt < now.closesAt ? null : 'starts-after-closing';
  return startsAt + run.durationMs <= now.closesAt ? null : 'ends-after-closing';
}

/** Whether something that begins at `from` and lasts so long may be sold, by these hours. */
export const fits = (hours: Hours, from: Instant, durationMs: number): boolean =>
  unfit(opening(hours, from), hours.lastStart, from, { delayMs: 0, durationMs }) === null;
