import Stripe from 'stripe';
import type { Static } from 'typebox';
import { Check } from 'typebox/value';
import type { Instant } from '../../rules/instant.ts';
import { type ProviderEvent, ProviderFault, type ReadWebhook } from '../payment-port.ts';
import {
  Charge,
  DeclinedIntent,
  DisputeObject,
  disputeOf,
  Event,
  emailOf,
  Intent,
  idOf,
  RefundObject,
  refundOf,
  Session,
} from './wire.ts';

/**
 * Stripe's webhooks: https://docs.stripe.com/webhooks. The signature is checked over the raw bytes, with our own clock.
 * Whatever is signed but not for us, or not in the shape we know, is ignored by its type: Stripe repeats what it gets no
 * good answer for, and a repeat would not make it fit.
 */
const toleranceSeconds = 300;

export const readStripeWebhook: ReadWebhook = (rawBody, signature, secret, now) => {
  const event = verified(rawBody, signature, secret, now);
  return translate(event) ?? { kind: 'ignored', eventId: event.id, type: event.type };
};

function verified(rawBody: Buffer, signature: string, secret: string, now: number): Static<typeof Event> {
  let event: unknown;
  try {
    event = Stripe.webhooks.constructEvent(rawBody, signature, secret, toleranceSeconds, undefined, now);
  } catch (cause) {
    throw new ProviderFault('signature', cause instanceof Error ? cause.message : 'Not signed by Stripe', { cause });
  }
  if (!Check(Event, event)) throw new ProviderFault('signature', 'Signed, but not an event of Stripe');
  return event;
}

function translate(event: Static<typeof Event>): ProviderEvent | null {
  const { object } = event.data;
  switch (event.type) {
    case 'checkout.session.completed':
    case 'checkout.session.async_payment_succeeded':
      return Check(Session, object) ? paidCheckout(event, object) : null;
    case 'checkout.session.expired':
      if (!Check(Session, object)) return null;
      return { kind: 'checkout-expired', eventId: event.id, paymentId: paymentIdOf(object), checkoutId: object.id };
    case 'payment_intent.succeeded':
      if (!Check(Intent, object)) return null;
      return {
        kind: 'paid',
        eventId: event.id,
        paymentId: object.metadata?.paymentId ?? null,
        checkoutId: null,
        paymentIntentId: object.id,
        amount: object.amount_received,
        currency: object.currency.toLowerCase(),
        email: object.receipt_email ?? null,
        paidAt: madeAt(event),
      };
    case 'charge.refunded':
      return Check(Charge, object) ? refunded(event.id, object) : null;
    case 'refund.created':
    case 'refund.updated':
    case 'refund.failed':
    case 'charge.refund.updated': // what older accounts and some payment methods send; the same refund in it
      return Check(RefundObject, object) ? refundChanged(event.id, object) : null;
    case 'charge.dispute.created':
    case 'charge.dispute.updated':
    case 'charge.dispute.closed':
    case 'charge.dispute.funds_withdrawn':
    case 'charge.dispute.funds_reinstated':
      return Check(DisputeObject, object) ? disputed(event, object) : null;
    case 'payment_intent.payment_failed':
      if (!Check(DeclinedIntent, object)) return null;
      return {
        kind: 'declined',
        eventId: event.id,
        paymentId: object.metadata?.paymentId ?? null,
        paymentIntentId: object.id,
        code: object.last_payment_error?.decline_code ?? object.last_payment_error?.code ?? 'unknown',
        toldAt: madeAt(event),
      };
    default:
      return null;
  }
}

function refundChanged(eventId: string, refund: Static<typeof RefundObject>): ProviderEvent {
  return {
    kind: 'refund-changed',
    eventId,
    paymentId: refund.metadata?.paymentId ?? null, // on those that we made
    paymentIntentId: idOf(refund.payment_intent),
    refund: refundOf(refund),
  };
}

function disputed(event: Static<typeof Event>, dispute: Static<typeof DisputeObject>): ProviderEvent | null {
  const paymentIntentId = idOf(dispute.payment_intent);
  if (paymentIntentId === null) return null;
  return { kind: 'disputed', eventId: event.id, paymentIntentId, dispute: disputeOf(dispute), toldAt: madeAt(event) };
}

/** A completed checkout is paid only when it says so: bank debits complete first and are paid, or not, days later. */
function paidCheckout(event: Static<typeof Event>, session: Session): ProviderEvent | null {
  const { amount_total: amount, currency } = session;
  if (session.payment_status !== 'paid' || typeof amount !== 'number' || typeof currency !== 'string') return null;
  return {
    kind: 'paid',
    eventId: event.id,
    paymentId: paymentIdOf(session),
    checkoutId: session.id,
    paymentIntentId: idOf(session.payment_intent),
    amount,
    currency: currency.toLowerCase(),
    email: emailOf(session),
    paidAt: madeAt(event),
  };
}

const instantOf = (seconds: number | null | undefined): Instant | null => (seconds == null ? null : seconds * 1000);
const madeAt = ({ created }: Static<typeof Event>): Instant | null => instantOf(created);

function refunded(eventId: string, charge: Static<typeof Charge>): ProviderEvent | null {
  const paymentIntentId = idOf(charge.payment_intent);
  if (paymentIntentId === null) return null;
  return {
    kind: 'refunded',
    eventId,
    paymentId: charge.metadata?.paymentId ?? null,
    paymentIntentId,
    amount: charge.amount,
    currency: charge.currency?.toLowerCase() ?? null,
    refundedTotal: charge.amount_refunded,
    paidAt: instantOf(charge.created),
  };
}

function paymentIdOf(session: Session): string | null {
  return session.metadata?.paymentId ?? session.client_reference_id ?? null;
}
