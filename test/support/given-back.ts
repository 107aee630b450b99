import { expect } from 'vitest';
import type { Sale } from './till.ts';

/** Paid 250 = delivered 0 + refunded 250: one session, which is over; one payment; one refund at Stripe. */
export async function expectGivenBack(sale: Sale): Promise<void> {
  await sale.rest();
  const [session, payment, charge] = [await sale.session(), await sale.payment(), sale.charge()];
  expect({
    sessions: await sale.sessions(),
    phase: session.phase,
    reason: ['failed_by_admin', 'payment_reversed'].includes(session.failure_reason ?? ''),
    paid: [payment.amount, payment.paid_at !== null],
    status: payment.status,
    refunded: payment.refunded,
    atStripe: [charge.amount, charge.amountRefunded, charge.refunds.length],
  }).toEqual({
    sessions: 1,
    phase: 'cancelled',
    reason: true,
    paid: [250, true],
    status: 'REFUNDED',
    refunded: 250,
    atStripe: [250, 250, 1],
  });
}
