import type { ChargeView, StripeSimulator } from '../../../simulators/stripe/start.ts';
import { at } from '../../../src/database/instant-value.ts';
import type { Database } from '../../../src/database/open.ts';
import type { PaymentRow, RefundRow } from '../../../src/features/payments/payments.service.ts';
import type { SessionRow } from '../../../src/features/sessions/session-row.ts';
import type { Instant } from '../../../src/rules/instant.ts';
import type { Run } from '../../../src/rules/sessions/session.ts';

export type Books = {
  sessions: SessionRow[];
  payments: PaymentRow[];
  refunds: RefundRow[];
  charges: Map<string, ChargeView>;
  /** Minutes that each plan sells. */
  minutesOf: ReadonlyMap<string, number>;
  /** Payments of which a person was told that money did not get back. */
  troubled: ReadonlySet<string>;
};

/** Of what began at that time or later. */
export async function readBooks(
  { read, stripe }: { read: Database['read']; stripe: StripeSimulator },
  since: Instant,
): Promise<Books> {
  const [sessions, payments, refunds, plans, troubled] = await Promise.all([
    read.selectFrom('sessions').selectAll().where('created_at', '>=', at(since)).execute(),
    read.selectFrom('payments').selectAll().where('created_at', '>=', at(since)).orderBy('id').execute(),
    read.selectFrom('refunds').selectAll().where('created_at', '>=', at(since)).orderBy('id').execute(),
    read.selectFrom('usage_plans').select(['id', 'duration_minutes']).execute(),
    read
      .selectFrom('notices')
      .select('subject')
      .where('kind', '=', 'refund-failed')
      .where('cleared_at', 'is', null)
      .execute(),
  ]);
  const checkouts = stripe.checkouts().filter(({ expiresAt }) => expiresAt > since);
  const paidBy = new Map(checkouts.map((one) => [one.paymentIntentId, one.metadata.paymentId ?? one.id]));
  const paid = stripe.charges().flatMap((charge) => {
    const id = paidBy.get(charge.paymentIntentId);
    return id === undefined ? [] : [[id, charge] as const];
  });
  const charges = new Map(paid);
  if (charges.size !== paid.length) throw new Error('A payment was charged twice');
  return {
    sessions: sessions.map((row) => ({ ...row, run: row.run as Run })),
    payments,
    refunds,
    charges,
    minutesOf: new Map(plans.map(({ id, duration_minutes }) => [id, duration_minutes])),
    troubled: new Set(troubled.map(({ subject }) => subject)),
  };
}
