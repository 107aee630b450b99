/**
 * Stripe on the wire: its API, its hosted payment page and its signed webhooks, for one test account. It moves no money,
 * knows only Stripe's public test cards, listens on the loopback interface only and imports nothing of src/.
 */
import path from 'node:path';
import { every, type SimulatorClock, systemClock } from '../clock.ts';
import { LOOPBACK, listen, sendText } from '../loopback.ts';
import { openStore, type Store } from '../store.ts';
import { createApiServer, type StripeFault } from './api-server.ts';
import type { DisputeKind } from './cards.ts';
import { answerChallenge, expireOverdue, type Payment, paySession } from './checkout.ts';
import { answerDispute, closeDispute, escalateDispute, openDispute } from './disputes.ts';
import { pageId, servePage } from './hosted-page.ts';
import { randomLetters } from './ids.ts';
import { createLedger, type Ledger, noRequest } from './ledger.ts';
import { findCharge, refundCharge, settleOverdue, settleRefund } from './refunds.ts';
import type { Checkout, StripeEventObject } from './types.ts';
import { type ChargeView, type CheckoutView, chargeView, checkoutView } from './views.ts';
import { clear, type Weather } from './weather.ts';
import { createWebhooks, type Delivery, type Webhooks } from './webhooks.ts';

export type { StripeFault } from './api-server.ts';
export type { StripeEventObject } from './types.ts';
export type { ChargeView, CheckoutView, DisputeView } from './views.ts';
export type { Weather } from './weather.ts';
export type { Delivery } from './webhooks.ts';

export type StripeSimulatorOptions = {
  stateDir: string | null; // null: remembers nothing after close
  port?: number;
  clock?: SimulatorClock;
  webhookUrl?: string;
  slowMs?: number; // how late a slow API answers; default 8000
};
/** A closed session: `session_complete` or `session_expired`; a bank that asks first: `authentication_required`. */
export type Paid = { paid: boolean; declineCode?: string };
export type StripeSimulator = {
  url: string;
  secretKey: string;
  publishableKey: string;
  webhookSecret: string;
  setWebhookUrl(url: string | null): void;
  /** Throws for an unknown session and while Stripe is down. A closed session: not paid, `session_complete` or `session_expired`. */
  pay(checkoutSessionId: string, card?: string, email?: string): Promise<Paid>;
  /** The guest answers the question of their bank that paying with 4000 0025 0000 3155 led to. */
  authenticate(checkoutSessionId: string, well: boolean): Promise<Paid>;
  /** One purchase alone, its charge where it was paid, and the events about it, oldest first. */
  about(checkoutSessionId: string): { checkout: CheckoutView; charge: ChargeView | null; events: StripeEventObject[] };
  checkouts(): CheckoutView[];
  charges(): ChargeView[];
  /** Oldest first; without so many of the first. */
  events(without?: number): StripeEventObject[];
  deliveries(): Delivery[];
  deliver(eventId: string, times?: number): Promise<number[]>;
  holdWebhooks(hold: boolean): void;
  /** How new events fare on their way; what is left out is as in clear weather. */
  setWeather(weather: Partial<Weather>): void;
  refundFromDashboard(paymentIntentId: string, amount?: number): Promise<void>;
  /** The bank’s answer about a refund; a succeeded one may still fail, weeks later. */
  settleRefund(refundId: string, becomes: 'succeeded' | 'failed', why?: string): void;
  /** The cardholder disputes the charge; answers the dispute’s id. */
  dispute(paymentIntentId: string, kind?: DisputeKind, amount?: number): string;
  answerDispute(disputeId: string): void;
  escalateDispute(disputeId: string): void;
  closeDispute(disputeId: string, outcome: 'won' | 'lost'): void;
  setFault(fault: StripeFault): void;
  state(): { now: number; fault: StripeFault; webhooksHeld: boolean; webhookUrl: string | null };
  close(): Promise<void>;
};

type Account = {
  secretKey: string;
  publishableKey: string;
  webhookSecret: string;
  port: number | null;
  fault: StripeFault;
};
type Parts = { ledger: Ledger; webhooks: Webhooks; account: Account; open: Set<string>; saveAccount: () => void };

const TICK_MS = 100;
const SLOW_MS = 8000;

export async function startStripeSimulator(options: StripeSimulatorOptions): Promise<StripeSimulator> {
  const clock = options.clock ?? systemClock;
  const store = openStore(options.stateDir === null ? null : path.join(options.stateDir, 'stripe.journal'));
  const accounts = store.table<Account>('account');
  const account = accounts.get('account') ?? newAccount();
  const webhooks = createWebhooks(store, clock, account.webhookSecret);
  if (options.webhookUrl !== undefined) webhooks.settings.url = options.webhookUrl;
  const open = new Set<string>();
  const ledger = createLedger(committing(store, webhooks, open), clock, '', (event) => webhooks.plan(event));
  for (const { session } of ledger.checkouts.all()) if (session.status === 'open') open.add(session.id);
  const api = createApiServer({
    ledger,
    store,
    secretKey: account.secretKey,
    fault: () => account.fault,
    slowMs: options.slowMs ?? SLOW_MS,
  });

  const lasting = options.stateDir === null ? null : 'lasting';
  const listening = await listen(
    async (request, response) => {
      if (account.fault === 'down') {
        request.socket.destroy();
        return;
      }
      expireOverdue(ledger, open);
      settleOverdue(ledger);
      const page = pageId(request.url);
      if (page !== undefined) await servePage(ledger, page, request, response);
      else if (request.url?.startsWith('/v1/') === true) await api(request, response);
      else sendText(response, 404, 'This is a simulated Stripe. Its API is at /v1/, its pages are at /c/pay/.');
    },
    options.port ?? account.port ?? lasting,
  );

  account.port = listening.port;
  ledger.base = `http://${LOOPBACK}:${listening.port}`;
  function saveAccount(): void {
    accounts.put('account', account);
    store.commit();
  }
  saveAccount();
  webhooks.saveSettings();
  const ticking = every(TICK_MS, () => {
    expireOverdue(ledger, open);
    settleOverdue(ledger);
    webhooks.kick();
  });

  return {
    url: ledger.base,
    secretKey: account.secretKey,
    publishableKey: account.publishableKey,
    webhookSecret: account.webhookSecret,
    ...controls({ ledger, webhooks, account, open, saveAccount }),
    async close() {
      ticking.stop();
      webhooks.stop();
      await listening.close();
      store.close();
    },
  };
}

type Controls = Omit<StripeSimulator, 'url' | 'secretKey' | 'publishableKey' | 'webhookSecret' | 'close'>;

function controls({ ledger, webhooks, account, open, saveAccount }: Parts): Controls {
  return {
    setWebhookUrl(url) {
      webhooks.settings.url = url;
      webhooks.saveSettings();
      webhooks.kick();
    },
    async pay(id, card = '4242424242424242', email) {
      if (account.fault === 'down') throw new Error('the simulated Stripe is down');
      expireOverdue(ledger, open);
      const checkout = ledger.checkouts.get(id);
      if (checkout === undefined) throw new Error(`there is no simulated checkout session ${id}`);
      const payer = email ?? checkout.session.customer_email ?? 'guest@example.com';
      return told(paySession(ledger, checkout, card, payer));
    },
    async authenticate(id, well) {
      const checkout = ledger.checkouts.get(id);
      if (checkout === undefined) throw new Error(`there is no simulated checkout session ${id}`);
      return told(answerChallenge(ledger, checkout, well));
    },
    about(id) {
      const checkout = ledger.checkouts.get(id);
      if (checkout === undefined) throw new Error(`there is no simulated checkout session ${id}`);
      const intent = checkout.session.payment_intent;
      const charge = ledger.charges.get(ledger.intents.get(intent ?? '')?.latest_charge ?? '');
      const events = ledger.events.all().filter(({ data: { object } }) => {
        return object.id === id || (intent !== null && (object.id === intent || object.payment_intent === intent));
      });
      return {
        checkout: checkoutView(checkout),
        charge: charge?.paid === true ? chargeView(charge, ledger.refunds.all(), ledger.disputes.all()) : null,
        events: structuredClone(events),
      };
    },
    checkouts() {
      expireOverdue(ledger, open);
      return ledger.checkouts.all().map(checkoutView);
    },
    charges() {
      const paid = ledger.charges.all().filter((charge) => charge.paid);
      const [refunds, disputes] = [ledger.refunds.all(), ledger.disputes.all()];
      return paid.map((charge) => chargeView(charge, refunds, disputes));
    },
    events: (without = 0) => structuredClone(ledger.events.all().slice(without)),
    deliveries: () => structuredClone(webhooks.deliveries()),
    async deliver(eventId, times = 1) {
      const event = ledger.events.get(eventId);
      if (event === undefined) throw new Error(`there is no simulated event ${eventId}`);
      return webhooks.deliverNow(event, times);
    },
    holdWebhooks(hold) {
      webhooks.settings.hold = hold;
      webhooks.saveSettings();
      webhooks.kick();
    },
    setWeather(weather) {
      webhooks.settings.weather = { ...clear, ...weather };
      webhooks.saveSettings();
    },
    settleRefund(id, becomes, why) {
      settleRefund(ledger, id, becomes, why);
      ledger.commit();
    },
    dispute(intentId, kind = 'fraudulent', amount) {
      const { id } = openDispute(ledger, findCharge(ledger, undefined, intentId), kind, amount);
      ledger.commit();
      return id;
    },
    answerDispute(id) {
      answerDispute(ledger, id, noRequest);
      ledger.commit();
    },
    escalateDispute(id) {
      escalateDispute(ledger, id);
      ledger.commit();
    },
    closeDispute(id, outcome) {
      closeDispute(ledger, id, outcome, noRequest);
      ledger.commit();
    },
    async refundFromDashboard(intentId, amount) {
      const charge = findCharge(ledger, undefined, intentId);
      refundCharge(ledger, charge, { amount: amount ?? null, reason: null, metadata: {} }, noRequest);
      ledger.commit();
    },
    setFault(fault) {
      account.fault = fault;
      saveAccount();
    },
    state: () => ({
      now: ledger.now(),
      fault: account.fault,
      webhooksHeld: webhooks.settings.hold,
      webhookUrl: webhooks.settings.url,
    }),
  };
}

function told(payment: Payment): Paid {
  switch (payment.kind) {
    case 'paid':
      return { paid: true };
    case 'declined':
      return { paid: false, declineCode: payment.declineCode };
    case 'challenge':
      return { paid: false, declineCode: 'authentication_required' };
    case 'closed':
      return { paid: false, declineCode: `session_${payment.status}` };
    case 'wrong-number':
      return { paid: false, declineCode: 'incorrect_number' };
  }
}

/** The store, but every commit also notes new open sessions and sets the webhooks going. */
function committing(store: Store, webhooks: Webhooks, open: Set<string>): Store {
  const checkouts = store.table<Checkout>('checkouts');
  let seen = checkouts.size();
  return {
    ...store,
    commit() {
      store.commit();
      if (checkouts.size() > seen) {
        for (const { session } of checkouts.all().slice(seen)) open.add(session.id);
        seen = checkouts.size();
      }
      webhooks.kick();
    },
  };
}

function newAccount(): Account {
  const account = randomLetters(16);
  return {
    secretKey: `sk_test_51${account}${randomLetters(81)}`,
    publishableKey: `pk_test_51${account}${randomLetters(81)}`,
    webhookSecret: `whsec_${randomLetters(32)}`,
    port: null,
    fault: 'none',
  };
}
