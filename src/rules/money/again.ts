import { hours, type Instant } from '../instant.ts';

/**
 * A refund that the bank sent back is tried again, by a new refund, a few times and ever more slowly: what could not be
 * booked today may be booked tomorrow. Where the card is gone, or somebody took the refund back, it would fail again.
 */
const pauses: readonly Instant[] = [hours(1), hours(12), hours(72), hours(24 * 7)];
/** No refund is put off for longer, for whatever reason. */
export const longestPause = hours(24 * 7);
const forGood: ReadonlySet<string> = new Set([
  'lost_or_stolen_card',
  'expired_or_canceled_card',
  'charge_for_pending_refund_disputed',
  'merchant_request',
  'canceled',
]);

/** How long to wait before the next try; null: a person has to see to it. `failures`: the reasons of all that failed. */
export function pauseBeforeAgain(failures: readonly (string | null)[]): number | null {
  if (failures.some((reason) => forGood.has(reason ?? ''))) return null;
  return failures.length === 0 ? 0 : (pauses[failures.length - 1] ?? null);
}
