/** POST /v1/refunds, and the refund button of the dashboard. */
import { failed, invalid, noSuch } from './errors.ts';
import { type FormObject, integer, metadata, refuseUnknown, text } from './form.ts';
import type { Cause, Ledger } from './ledger.ts';
import { formatMoney } from './money.ts';
import { newRefund } from './payment-objects.ts';
import type { ChargeObject, RefundObject } from './types.ts';

const allowed = {
  charge: true,
  payment_intent: true,
  amount: true,
  reason: true,
  metadata: true,
  expand: true,
  refund_application_fee: true,
  reverse_transfer: true,
} as const;
const reasons = new Set(['duplicate', 'fraudulent', 'requested_by_customer']);

export function createRefund(ledger: Ledger, form: FormObject, cause: Cause, fails: boolean): RefundObject {
  refuseUnknown(form, allowed);
  const amount = integer(form, 'amount');
  if (amount !== undefined && amount < 1) {
    throw invalid('Invalid positive integer', { code: 'parameter_invalid_integer', param: 'amount' });
  }
  const reason = text(form, 'reason') ?? null;
  if (reason !== null && !reasons.has(reason)) {
    throw invalid('Invalid reason: must be one of duplicate, fraudulent, or requested_by_customer', {
      param: 'reason',
    });
  }
  const charge = findCharge(ledger, text(form, 'charge'), text(form, 'payment_intent'));
  const words = metadata(form);
  if (fails) {
    throw failed('Insufficient funds in your Stripe balance to refund this amount.', { code: 'balance_insufficient' });
  }
  return refundCharge(ledger, charge, { amount: amount ?? null, reason, metadata: words }, cause);
}

export function findCharge(ledger: Ledger, chargeId?: string, intentId?: string): ChargeObject {
  if (chargeId === undefined && intentId === undefined) {
    throw invalid('One of the following params should be provided for this request: payment_intent or charge.');
  }
  if (chargeId !== undefined) {
    const charge = ledger.charges.get(chargeId);
    if (charge === undefined) throw noSuch('charge', chargeId, 'charge');
    if (!charge.paid) throw failed(`Charge ${charge.id} has failed and cannot be refunded.`);
    return charge;
  }
  const intent = ledger.intents.get(intentId ?? '');
  if (intent === undefined) throw noSuch('payment_intent', intentId ?? '', 'payment_intent');
  const charge = ledger.charges.get(intent.latest_charge ?? '');
  if (intent.status === 'succeeded' && charge !== undefined) return charge;
  throw failed(`This PaymentIntent (${intent.id}) does not have a successful charge to refund.`);
}

export type RefundWish = { amount: number | null; reason: string | null; metadata: Record<string, string> };

export function refundCharge(ledger: Ledger, charge: ChargeObject, wish: RefundWish, cause: Cause): RefundObject {
  const left = charge.amount - charge.amount_refunded;
  if (left === 0) throw failed(`Charge ${charge.id} has already been refunded.`, { code: 'charge_already_refunded' });
  const amount = wish.amount ?? left;
  if (amount > left) {
    const [asked, rest] = [formatMoney(amount, charge.currency), formatMoney(left, charge.currency)];
    throw failed(`Refund amount (${asked}) is greater than unrefunded amount on charge (${rest})`, { param: 'amount' });
  }
  const refund = newRefund(charge, { amount, reason: wish.reason, metadata: wish.metadata, now: ledger.seconds() });
  charge.amount_refunded += amount;
  charge.refunded = charge.amount_refunded === charge.amount;
  ledger.refunds.put(refund.id, refund);
  ledger.charges.put(charge.id, charge);
  ledger.emit('charge.refunded', charge, cause);
  ledger.emit('refund.created', refund, cause);
  return refund;
}
