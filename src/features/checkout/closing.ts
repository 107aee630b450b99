import { Problem } from '../../rules/errors.ts';
import type { Instant } from '../../rules/instant.ts';
import { iso } from '../../rules/instant.ts';
import { type Unfit, unfit } from '../../rules/time/last-start.ts';
import { type Hours, type Opening, opening } from '../../rules/time/opening-hours.ts';

/** What the hours say at one moment; asked once for all plans of a device. */
export type HoursNow = { hours: Hours; now: Instant; opening: Opening };

export const hoursNow = (hours: Hours, now: Instant): HoursNow => ({ hours, now, opening: opening(hours, now) });

type Run = { delay_minutes: number; duration_minutes: number };

/** Why a run of this plan is not sold now; null: the hours allow it. */
export const unfitNow = ({ hours, now, opening }: HoursNow, plan: Run): Unfit | null =>
  unfit(opening, hours.lastStart, now, {
    delayMs: plan.delay_minutes * 60_000,
    durationMs: plan.duration_minutes * 60_000,
  });

const texts = {
  closed: 'It is closed now',
  'starts-after-closing': 'It closes before this program would start',
  'ends-after-closing': 'It closes before this program would end',
} as const satisfies Record<Unfit, string>;

export function refuseClosed(told: HoursNow, plan: Run): void {
  const reason = unfitNow(told, plan);
  if (reason === null) return;
  const { closesAt, opensNext } = told.opening;
  throw new Problem('DEVICE_CLOSED', texts[reason], {
    ...(opensNext === null ? {} : { retryAfterSeconds: Math.max(1, Math.ceil((opensNext - told.now) / 1000)) }),
    facts: { reason, opensAt: iso(opensNext), closesAt: iso(closesAt) },
  });
}
