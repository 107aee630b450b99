/** The endpoints of the Stripe API that are simulated. Every handler is synchronous: requests happen one after the other. */
import { expireSession, findCheckout } from './checkout.ts';
import { closeDispute, findDispute, updateDispute } from './disputes.ts';
import { createEndpoint, deleteEndpoint, findEndpoint, updateEndpoint, withoutSecret } from './endpoints.ts';
import { noSuch, noSuchUrl } from './errors.ts';
import { type Allowed, type FormObject, refuseUnknown, text, texts } from './form.ts';
import type { Cause, Ledger } from './ledger.ts';
import { openCheckout } from './open-checkout.ts';
import { lineItems, listPage, listParameters, present } from './present.ts';
import { createRefund, type RefundMood } from './refunds.ts';
import type { ChargeObject } from './types.ts';

export type ApiCall = { method: string; path: string; form: FormObject; cause: Cause; refunds: RefundMood };
type Plain = Record<string, unknown>;
type Route = [method: string, path: RegExp, handle: (ledger: Ledger, call: ApiCall, id: string) => Plain];

const expandOnly = { expand: true } as const;

const routes: Route[] = [
  ['POST', /^\/v1\/checkout\/sessions$/, (ledger, { form }) => openCheckout(ledger, form)],
  ['GET', /^\/v1\/checkout\/sessions$/, listSessions],
  ['GET', /^\/v1\/checkout\/sessions\/([^/]+)$/, read((ledger, id) => findCheckout(ledger, id).session)],
  ['POST', /^\/v1\/checkout\/sessions\/([^/]+)\/expire$/, expire],
  ['GET', /^\/v1\/checkout\/sessions\/([^/]+)\/line_items$/, (ledger, _, id) => lineItems(findCheckout(ledger, id))],
  ['GET', /^\/v1\/payment_intents$/, listOf((ledger) => ledger.intents.all())],
  [
    'GET',
    /^\/v1\/payment_intents\/([^/]+)$/,
    read((ledger, id) => need(ledger.intents.get(id), 'payment_intent', id, 'intent')),
  ],
  ['GET', /^\/v1\/charges$/, listOf((ledger) => ledger.charges.all())],
  ['GET', /^\/v1\/charges\/([^/]+)$/, read((ledger, id) => need(ledger.charges.get(id), 'charge', id, 'charge'))],
  ['POST', /^\/v1\/refunds$/, (ledger, call) => createRefund(ledger, call.form, call.cause, call.refunds)],
  ['GET', /^\/v1\/refunds$/, listOf((ledger) => ledger.refunds.all())],
  ['GET', /^\/v1\/refunds\/([^/]+)$/, read((ledger, id) => need(ledger.refunds.get(id), 'refund', id, 'id'))],
  ['GET', /^\/v1\/disputes$/, listOf((ledger) => ledger.disputes.all())],
  ['GET', /^\/v1\/disputes\/([^/]+)$/, read((ledger, id) => findDispute(ledger, id))],
  ['POST', /^\/v1\/disputes\/([^/]+)$/, (ledger, { form, cause }, id) => updateDispute(ledger, id, form, cause)],
  ['POST', /^\/v1\/disputes\/([^/]+)\/close$/, (ledger, { cause }, id) => closeDispute(ledger, id, 'lost', cause)],
  ['GET', /^\/v1\/balance$/, balance],
  ['GET', /^\/v1\/events$/, listEvents],
  ['GET', /^\/v1\/events\/([^/]+)$/, read((ledger, id) => need(ledger.events.get(id), 'event', id, 'id'))],
  ['POST', /^\/v1\/webhook_endpoints$/, (ledger, { form }) => createEndpoint(ledger, form)],
  ['GET', /^\/v1\/webhook_endpoints$/, listOf((ledger) => ledger.endpoints.all().map(withoutSecret))],
  ['GET', /^\/v1\/webhook_endpoints\/([^/]+)$/, read((ledger, id) => withoutSecret(findEndpoint(ledger, id)))],
  ['POST', /^\/v1\/webhook_endpoints\/([^/]+)$/, (ledger, { form }, id) => updateEndpoint(ledger, id, form)],
  ['DELETE', /^\/v1\/webhook_endpoints\/([^/]+)$/, (ledger, _, id) => deleteEndpoint(ledger, id)],
];

/** Throws StripeApiError; the caller commits. */
export function callApi(ledger: Ledger, call: ApiCall): Plain {
  for (const [method, path, handle] of routes) {
    const match = method === call.method ? path.exec(call.path) : null;
    if (match !== null) return present(ledger, handle(ledger, call, decodeURIComponent(match[1] ?? '')), call.form);
  }
  throw noSuchUrl(call.method, call.path);
}

function read(find: (ledger: Ledger, id: string) => Plain): Route[2] {
  return (ledger, call, id) => {
    refuseUnknown(call.form, expandOnly);
    return find(ledger, id);
  };
}

function need(found: Plain | undefined, what: string, id: string, param: string): Plain {
  if (found === undefined) throw noSuch(what, id, param);
  return found;
}

function expire(ledger: Ledger, call: ApiCall, id: string): Plain {
  refuseUnknown(call.form, expandOnly);
  return expireSession(ledger, id, call.cause);
}

type Item = { id: string; created: number; payment_intent?: unknown; charge?: unknown; customer?: unknown };
const filters: { [key: string]: Allowed } = { ...listParameters, payment_intent: true, charge: true, customer: true };

function listOf(all: (ledger: Ledger) => Item[]): Route[2] {
  return (ledger, { form, path }) => {
    refuseUnknown(form, filters);
    const intent = text(form, 'payment_intent');
    const charge = text(form, 'charge');
    if (intent !== undefined) need(ledger.intents.get(intent), 'payment_intent', intent, 'payment_intent');
    const customer = text(form, 'customer');
    const wanted = all(ledger).filter(
      (item) =>
        (intent === undefined || item.payment_intent === intent) &&
        (charge === undefined || item.charge === charge) &&
        (customer === undefined || item.customer === customer),
    );
    return listPage(wanted, form, path);
  };
}

function listSessions(ledger: Ledger, { form, path }: ApiCall): Plain {
  refuseUnknown(form, {
    ...listParameters,
    payment_intent: true,
    status: true,
    customer: true,
    customer_details: true,
  });
  const intent = text(form, 'payment_intent');
  const status = text(form, 'status');
  const all = ledger.checkouts.all().map((checkout) => checkout.session);
  const wanted = all.filter(
    (session) =>
      (intent === undefined || session.payment_intent === intent) &&
      (status === undefined || session.status === status),
  );
  return listPage(wanted, form, path);
}

function listEvents(ledger: Ledger, { form, path }: ApiCall): Plain {
  refuseUnknown(form, { ...listParameters, type: true, types: true, delivery_success: true });
  const types = [...texts(form, 'types'), ...texts(form, 'type')];
  const undelivered = text(form, 'delivery_success') === 'false';
  const wanted = ledger.events
    .all()
    .filter((event) => types.length === 0 || types.some((type) => matches(event.type, type)))
    .filter((event) => !undelivered || event.pending_webhooks > 0);
  return listPage(wanted, form, path);
}

function matches(type: string, wanted: string): boolean {
  return wanted.endsWith('*') ? type.startsWith(wanted.slice(0, -1)) : type === wanted;
}

function balance(ledger: Ledger, { form }: ApiCall): Plain {
  refuseUnknown(form, expandOnly);
  const sums = new Map<string, number>();
  for (const charge of ledger.charges.all()) {
    if (charge.paid) sums.set(charge.currency, (sums.get(charge.currency) ?? 0) + net(charge));
  }
  if (sums.size === 0) sums.set('eur', 0);
  const pending = [...sums].map(([currency, amount]) => ({ amount, currency, source_types: { card: amount } }));
  const available = pending.map(({ currency }) => ({ amount: 0, currency, source_types: { card: 0 } }));
  return { object: 'balance', available, livemode: false, pending };
}

function net(charge: ChargeObject): number {
  return charge.amount - charge.amount_refunded;
}
