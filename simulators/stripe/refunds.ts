/** POST /v1/refunds, the refund button of the dashboard, and what becomes of a refund later. */
import { type Card, cardEndingIn } from './cards.ts';
import { failed, invalid, noSuch } from './errors.ts';
import { type FormObject, integer, metadata, refuseUnknown, text } from './form.ts';
import { newId } from './ids.ts';
import { type Cause, type Ledger, noRequest } from './ledger.ts';
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

/** How long banks take in the simulation. */
const BANK_MS = 4000;

export type RefundMood = 'normal' | 'refused' | 'pending';

export function createRefund(ledger: Ledger, form: FormObject, cause: Cause, mood: RefundMood): RefundObject {
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
  if (mood === 'refused') {
    throw failed('Insufficient funds in your Stripe balance to refund this amount.', { code: 'balance_insufficient' });
  }
  const wish = { amount: amount ?? null, reason, metadata: words, pending: mood === 'pending' };
  return refundCharge(ledger, charge, wish, cause);
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

export type RefundWish = {
  amount: number | null;
  reason: string | null;
  metadata: Record<string, string>;
  pending?: boolean;
};

export function refundCharge(ledger: Ledger, charge: ChargeObject, wish: RefundWish, cause: Cause): RefundObject {
  const left = charge.amount - charge.amount_refunded;
  if (left === 0) throw failed(`Charge ${charge.id} has already been refunded.`, { code: 'charge_already_refunded' });
  const held = ledger.disputes.all().find((one) => one.charge === charge.id && !one.is_charge_refundable);
  if (held !== undefined && held.status !== 'won') {
    throw failed(`Charge ${charge.id} has been charged back; cannot issue a refund.`, { code: 'charge_disputed' });
  }
  const amount = wish.amount ?? left;
  if (amount > left) {
    const [asked, rest] = [formatMoney(amount, charge.currency), formatMoney(left, charge.currency)];
    throw failed(`Refund amount (${asked}) is greater than unrefunded amount on charge (${rest})`, { param: 'amount' });
  }
  const fate = fateOf(charge);
  const pending = wish.pending === true || fate === 'pend';
  const { reason, metadata: words } = wish;
  const refund = newRefund(charge, { amount, reason, metadata: words, pending, now: ledger.seconds() });
  charge.amount_refunded += amount;
  charge.refunded = charge.amount_refunded === charge.amount;
  ledger.refunds.put(refund.id, refund);
  ledger.charges.put(charge.id, charge);
  if (fate !== 'succeed') {
    const becomes = fate === 'pend' ? 'succeeded' : 'failed';
    ledger.later.put(refund.id, { id: refund.id, at: ledger.now() + BANK_MS, refundId: refund.id, becomes });
  }
  ledger.emit('charge.refunded', charge, cause);
  ledger.emit('refund.created', refund, cause);
  return refund;
}

/** By the card that was charged. */
function fateOf(charge: ChargeObject): Card['refunds'] {
  const { card } = charge.payment_method_details as { card: { last4: string } };
  return cardEndingIn(card.last4)?.refunds ?? 'succeed';
}

/**
 * The bank’s answer, at once or weeks later: a pending refund goes through, or a refund comes back. What came back may be
 * refunded again. Events as of API version 2026-10-28.endive.
 */
export function settleRefund(
  ledger: Ledger,
  refundId: string,
  becomes: 'succeeded' | 'failed',
  why = 'expired_or_canceled_card',
): void {
  const refund = ledger.refunds.get(refundId);
  if (refund === undefined) throw noSuch('refund', refundId, 'id');
  const fits = becomes === 'failed' ? refund.status !== 'failed' : refund.status === 'pending';
  if (!fits) throw failed(`This refund (${refundId}) has a status of \`${refund.status}\`.`);
  refund.status = becomes;
  delete refund.pending_reason;
  const charge = ledger.charges.get(refund.charge);
  if (becomes === 'failed') {
    refund.failure_reason = why;
    refund.failure_balance_transaction = newId('txn');
    if (charge !== undefined) {
      charge.amount_refunded -= refund.amount;
      charge.refunded = false;
      ledger.charges.put(charge.id, charge);
    }
  }
  ledger.refunds.put(refund.id, refund);
  ledger.emit('refund.updated', refund, noRequest);
  ledger.emit('charge.refund.updated', refund, noRequest);
  if (becomes === 'failed') ledger.emit('refund.failed', refund, noRequest);
}

/** What was to come of itself by now. */
export function settleOverdue(ledger: Ledger): void {
  const due = ledger.later.all().filter(({ at }) => at <= ledger.now());
  for (const { id, refundId, becomes } of due) {
    ledger.later.drop(id);
    const status = ledger.refunds.get(refundId)?.status;
    if (status === 'pending' || (status === 'succeeded' && becomes === 'failed'))
      settleRefund(ledger, refundId, becomes);
  }
  if (due.length > 0) ledger.commit();
}
