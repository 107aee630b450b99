/** What tests and the virtual building see of a payment. */
import type { ChargeObject, Checkout, DisputeObject, DisputeStatus, Metadata, RefundObject } from './types.ts';

export type CheckoutView = {
  id: string;
  url: string | null; // null once it is closed
  status: 'open' | 'complete' | 'expired';
  paymentStatus: 'unpaid' | 'paid';
  amount: number; // minor units
  currency: string;
  name: string; // of the first line item
  paymentIntentId: string | null; // null before the first attempt to pay
  metadata: Metadata;
  clientReferenceId: string | null;
  successUrl: string;
  cancelUrl: string | null;
  customerEmail: string | null;
  expiresAt: number; // epoch milliseconds
};
export type RefundView = {
  id: string;
  amount: number;
  status: RefundObject['status'];
  failureReason: string | null;
  reason: string | null;
  metadata: Metadata;
  created: number;
};
export type DisputeView = { id: string; amount: number; status: DisputeStatus; reason: string };
export type ChargeView = {
  id: string;
  paymentIntentId: string;
  amount: number;
  amountRefunded: number;
  currency: string;
  refunded: boolean; // only when in full
  refunds: RefundView[];
  disputes: DisputeView[];
};

export function checkoutView({ session, items }: Checkout): CheckoutView {
  const email = session.customer_details?.email;
  return {
    id: session.id,
    url: session.url,
    status: session.status,
    paymentStatus: session.payment_status,
    amount: session.amount_total,
    currency: session.currency,
    name: items[0]?.name ?? '',
    paymentIntentId: session.payment_intent,
    metadata: { ...session.metadata },
    clientReferenceId: session.client_reference_id,
    successUrl: session.success_url,
    cancelUrl: session.cancel_url,
    customerEmail: typeof email === 'string' ? email : session.customer_email,
    expiresAt: session.expires_at * 1000,
  };
}

/** Charges that were paid; `refunds` oldest first, `created` in epoch milliseconds. */
export function chargeView(
  charge: ChargeObject,
  refunds: readonly RefundObject[],
  disputes: readonly DisputeObject[],
): ChargeView {
  const mine = refunds.filter((refund) => refund.charge === charge.id);
  return {
    id: charge.id,
    paymentIntentId: charge.payment_intent,
    amount: charge.amount,
    amountRefunded: charge.amount_refunded,
    currency: charge.currency,
    refunded: charge.refunded,
    refunds: mine.map(({ id, amount, status, failure_reason, reason, metadata, created }) => {
      const failureReason = failure_reason ?? null;
      return { id, amount, status, failureReason, reason, metadata: { ...metadata }, created: created * 1000 };
    }),
    disputes: disputes
      .filter((dispute) => dispute.charge === charge.id)
      .map(({ id, amount, status, reason }) => ({ id, amount, status, reason })),
  };
}
