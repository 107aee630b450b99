import type { Instant } from '../../rules/instant.ts';
import type { PlanRow } from '../devices/plans.service.ts';
import type { LocationRow } from '../locations/locations.service.ts';
import type { PaymentRow, RefundRow } from '../payments/payments.service.ts';
import type { Settings } from '../settings/settings.service.ts';
import type { SessionRow } from './sessions.service.ts';

/** Everything that is shown of one session, to its guest or to staff, gathered. */
export type SessionFacts = {
  row: SessionRow;
  token: string;
  device: { id: string; uid: string | null; name: string; locationId: string | null };
  location: LocationRow | null;
  payments: PaymentRow[];
  refunds: RefundRow[];
  settings: Settings;
  /** What may be bought on top now. */
  onTop: PlanRow[];
};

/** Time that was bought on top, oldest first; `paid` false: its checkout is open still. */
export type AddedTime = { minutes: number; amount: number; paid: boolean; at: Instant };

export function addedTime({ payments }: Pick<SessionFacts, 'payments'>): AddedTime[] {
  return payments
    .filter((payment) => payment.extra_ms > 0 && payment.taken && !payment.abandoned && payment.status !== 'FAILED')
    .map((payment) => ({
      minutes: payment.extra_ms / 60_000,
      amount: payment.amount,
      paid: payment.status !== 'PENDING',
      at: payment.paid_at ?? payment.created_at,
    }))
    .reverse();
}

export type RefundView = { amount: number; state: 'pending' | 'done' | 'failed' };

/**
 * What goes back to the guest, in sum; null when nothing does. Money that went back from the provider's dashboard counts.
 * `failed`: it is owed, and nothing is on its way; of money that a dispute holds their bank tells them.
 */
export function refundView(facts: Pick<SessionFacts, 'payments' | 'refunds'>): RefundView | null {
  const asked = facts.refunds.filter((refund) => refund.status !== 'failed');
  const amount = sum(facts.payments, (payment) => payment.refunded_outside) + sum(asked, (refund) => refund.amount);
  if (asked.some((refund) => refund.status === 'asked')) return { amount, state: 'pending' };
  const open = sum(facts.payments, (one) => Math.max(0, one.owed - one.disputed - one.refunded));
  if (open > 0) return { amount: open, state: 'failed' };
  return amount === 0 ? null : { amount, state: 'done' };
}

const sum = <T>(all: readonly T[], of: (one: T) => number): number => all.reduce((total, one) => total + of(one), 0);

/** Whole seconds the relay was on, for a run that is over or under way. */
export function secondsOn(row: SessionRow, now: Instant): number | null {
  if (row.started_at === null) return null;
  const open = row.run.onSince === null ? 0 : Math.max(0, Math.min(now, row.ends_at ?? now) - row.run.onSince);
  return Math.floor((row.run.onMs + open) / 1000);
}
