/** The life of a Checkout Session: opened, then once and for ever complete or expired. */
import { type Card, type Decline, findCard, notAuthenticated } from './cards.ts';
import { customerDetails } from './checkout-object.ts';
import { openDispute } from './disputes.ts';
import { failed, noSuch } from './errors.ts';
import { type Cause, type Ledger, noRequest } from './ledger.ts';
import { newCharge, newIntent } from './payment-objects.ts';
import type { ChargeObject, Checkout, IntentObject, SessionObject } from './types.ts';

export type Payment =
  | { kind: 'paid'; redirect: string }
  | { kind: 'declined'; declineCode: string; message: string }
  /** The bank asks its customer first. */
  | { kind: 'challenge' }
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
  if (!card.challenge) return charged(ledger, checkout, card, email);
  const intent = intentOf(ledger, checkout);
  intent.status = 'requires_action';
  intent.next_action = { type: 'use_stripe_sdk', use_stripe_sdk: { type: 'three_d_secure_redirect' } };
  checkout.challenge = { number: card.number, email };
  ledger.checkouts.put(session.id, checkout);
  ledger.intents.put(intent.id, intent);
  ledger.emit('payment_intent.requires_action', intent, noRequest);
  ledger.commit();
  return { kind: 'challenge' };
}

/** The guest answered their bank’s question, or not well. */
export function answerChallenge(ledger: Ledger, checkout: Checkout, well: boolean): Payment {
  const { session, challenge } = checkout;
  if (session.status !== 'open') return { kind: 'closed', status: session.status };
  const card = findCard(challenge?.number ?? '');
  if (challenge === undefined || challenge === null || card === undefined) {
    return { kind: 'wrong-number', message: 'There is nothing to authenticate. Please try again.' };
  }
  checkout.challenge = null;
  return charged(ledger, checkout, well ? card : { ...card, declined: notAuthenticated }, challenge.email);
}

function intentOf(ledger: Ledger, checkout: Checkout): IntentObject {
  const { session } = checkout;
  const intent = ledger.intents.get(session.payment_intent ?? '') ?? newIntent(checkout, ledger.seconds());
  session.payment_intent = intent.id;
  return intent;
}

function charged(ledger: Ledger, checkout: Checkout, card: Card, email: string): Payment {
  const { session } = checkout;
  const intent = intentOf(ledger, checkout);
  const charge = newCharge(intent, card, email, ledger.seconds());
  // a question to the bank that was not answered well never became a charge
  const made = card.declined !== notAuthenticated;
  if (made) intent.latest_charge = charge.id;
  intent.next_action = null;
  const outcome =
    card.declined === null
      ? succeed(checkout, intent, charge, email)
      : decline(intent, made ? charge : null, card.declined);
  ledger.checkouts.put(session.id, checkout);
  ledger.intents.put(intent.id, intent);
  if (made) ledger.charges.put(charge.id, charge);
  if (outcome.kind === 'paid') {
    ledger.emit('payment_intent.succeeded', intent, noRequest);
    ledger.emit('charge.succeeded', charge, noRequest);
    ledger.emit('checkout.session.completed', session, noRequest);
    if (card.disputed !== null) openDispute(ledger, charge, card.disputed);
  } else {
    if (made) ledger.emit('charge.failed', charge, noRequest);
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

function decline(intent: IntentObject, charge: ChargeObject | null, why: Decline): Payment {
  const { code, declineCode, adviceCode, message } = why;
  intent.status = 'requires_payment_method';
  intent.last_payment_error = {
    advice_code: adviceCode,
    ...(charge === null ? {} : { charge: charge.id, network_decline_code: '05' }),
    code,
    ...(declineCode === null ? {} : { decline_code: declineCode }),
    doc_url: `https://stripe.com/docs/error-codes/${code.replaceAll('_', '-')}`,
    message,
    type: code === notAuthenticated.code ? 'invalid_request_error' : 'card_error',
  };
  return { kind: 'declined', declineCode: declineCode ?? code, message };
}

export function successUrl(session: SessionObject): string {
  return session.success_url.replaceAll('{CHECKOUT_SESSION_ID}', session.id);
}
