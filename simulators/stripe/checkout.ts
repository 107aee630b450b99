/** The life of a Checkout Session: opened, then once and for ever complete or expired. */
import { type Card, findCard } from './cards.ts';
import { customerDetails } from './checkout-object.ts';
import { failed, noSuch } from './errors.ts';
import { type Cause, type Ledger, noRequest } from './ledger.ts';
import { newCharge, newIntent } from './payment-objects.ts';
import type { ChargeObject, Checkout, IntentObject, SessionObject } from './types.ts';

export type Payment =
  | { kind: 'paid'; redirect: string }
  | { kind: 'declined'; declineCode: string; message: string }
  | { kind: 'wrong-number'; message: string }
  | { kind: 'closed'; status: 'complete' | 'expired' };

/** Closes what ran out; every reader of a session calls it first. */
export function expireOverdue(ledger: Ledger, open: Set<string>): void {
  const now = ledger.seconds();
  for (const id of open) {
    const checkout = ledger.checkouts.get(id);
    if (checkout === undefined || checkout.session.status !== 'open') open.delete(id);
    else if (checkout.session.expires_at <= now) {
      close(ledger, checkout, noRequest);
      open.delete(id);
      ledger.commit();
    }
  }
}

export function findCheckout(ledger: Ledger, id: string): Checkout {
  const found = ledger.checkouts.get(id);
  if (found === undefined) throw noSuch('checkout.session', id, 'session');
  return found;
}

export function expireSession(ledger: Ledger, id: string, cause: Cause): SessionObject {
  const checkout = findCheckout(ledger, id);
  const { status } = checkout.session;
  if (status !== 'open') {
    const rule = 'Only Checkout Sessions with a status in ["open"] can be expired.';
    throw failed(`${rule} This Checkout Session has a status of \`${status}\`.`);
  }
  close(ledger, checkout, cause);
  return checkout.session;
}

function close(ledger: Ledger, checkout: Checkout, cause: Cause): void {
  checkout.session.status = 'expired';
  checkout.session.url = null;
  ledger.checkouts.put(checkout.session.id, checkout);
  const intent = ledger.intents.get(checkout.session.payment_intent ?? '');
  if (intent !== undefined) {
    intent.status = 'canceled';
    intent.canceled_at = ledger.seconds();
    intent.cancellation_reason = 'automatic';
    ledger.intents.put(intent.id, intent);
    ledger.emit('payment_intent.canceled', intent, cause);
  }
  ledger.emit('checkout.session.expired', checkout.session, cause);
}

/** One attempt to pay with a card. Nothing is awaited in here: two attempts at once are one after the other. */
export function paySession(ledger: Ledger, checkout: Checkout, number: string, email: string): Payment {
  const { session } = checkout;
  if (session.status !== 'open') return { kind: 'closed', status: session.status };
  const card = findCard(number);
  if (card === undefined) {
    return { kind: 'wrong-number', message: 'Your card number is invalid. This simulation knows Stripe’s test cards.' };
  }
  const now = ledger.seconds();
  const known = ledger.intents.get(session.payment_intent ?? '');
  const intent = known ?? newIntent(checkout, now);
  const charge = newCharge(intent, card, email, now);
  session.payment_intent = intent.id;
  intent.latest_charge = charge.id;
  const outcome = card.declined === null ? succeed(checkout, intent, charge, email) : decline(intent, charge, card);
  ledger.checkouts.put(session.id, checkout);
  ledger.intents.put(intent.id, intent);
  ledger.charges.put(charge.id, charge);
  if (outcome.kind === 'paid') {
    ledger.emit('payment_intent.succeeded', intent, noRequest);
    ledger.emit('charge.succeeded', charge, noRequest);
    ledger.emit('checkout.session.completed', session, noRequest);
  } else {
    ledger.emit('charge.failed', charge, noRequest);
    ledger.emit('payment_intent.payment_failed', intent, noRequest);
  }
  ledger.commit();
  return outcome;
}

function succeed(checkout: Checkout, intent: IntentObject, charge: ChargeObject, email: string): Payment {
  const { session } = checkout;
  intent.status = 'succeeded';
  intent.amount_received = intent.amount;
  intent.last_payment_error = null;
  intent.payment_method = charge.payment_method;
  session.status = 'complete';
  session.payment_status = 'paid';
  session.url = null;
  session.customer_details = customerDetails(email, true);
  return { kind: 'paid', redirect: successUrl(session) };
}

function decline(intent: IntentObject, charge: ChargeObject, card: Card): Payment {
  const { declineCode, adviceCode, message } = card.declined ?? {
    declineCode: 'generic_decline',
    adviceCode: 'try_again_later',
    message: 'Your card was declined.',
  };
  intent.last_payment_error = {
    advice_code: adviceCode,
    charge: charge.id,
    code: 'card_declined',
    decline_code: declineCode,
    doc_url: 'https://stripe.com/docs/error-codes/card-declined',
    message,
    network_decline_code: '05',
    type: 'card_error',
  };
  return { kind: 'declined', declineCode, message };
}

export function successUrl(session: SessionObject): string {
  return session.success_url.replaceAll('{CHECKOUT_SESSION_ID}', session.id);
}
