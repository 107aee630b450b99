import Stripe from 'stripe';
import { afterEach, describe, expect, it } from 'vitest';
import { type StripeSimulator, type StripeSimulatorOptions, startStripeSimulator } from './start.ts';
import { clientOf, listenForWebhooks, until, washing } from './test-bench.ts';

const open: { close(): Promise<void> }[] = [];
let now = 1_800_000_000_000;
async function start(options: Partial<StripeSimulatorOptions> = {}) {
  const simulator = await startStripeSimulator({ stateDir: null, clock: { now: () => now }, ...options });
  open.push(simulator);
  const stripe = clientOf(simulator);
  const { id, url } = await stripe.checkout.sessions.create(washing());
  return { simulator, stripe, id, url: url ?? '' };
}
afterEach(async () => {
  now = 1_800_000_000_000;
  for (const each of open.splice(0).reverse()) await each.close();
});
async function paid(card?: string) {
  const made = await start();
  expect(await made.simulator.pay(made.id, card)).toEqual({ paid: true });
  const intent = made.simulator.checkouts()[0]?.paymentIntentId ?? '';
  const charge = () => made.simulator.charges()[0];
  const told = (prefix: string) => made.simulator.events().filter(({ type }) => type.startsWith(prefix));
  return { ...made, intent, charge, told, types: (prefix: string) => told(prefix).map(({ type }) => type) };
}
async function errorOf(work: Promise<unknown>): Promise<Stripe.errors.StripeError> {
  const error = await work.then(
    () => null,
    (reason: unknown) => reason,
  );
  if (error instanceof Stripe.errors.StripeError) return error;
  throw new Error(`not refused: ${String(error)}`);
}

describe('a card that is declined', () => {
  it.each([
    ['4000 0000 0000 0002', 'card_declined', 'generic_decline', 'Your card was declined.'],
    ['4000 0000 0000 9995', 'card_declined', 'insufficient_funds', 'Your card has insufficient funds.'],
    ['4000 0000 0000 9987', 'card_declined', 'lost_card', 'Your card was declined.'],
    ['4000 0000 0000 0069', 'expired_card', undefined, 'Your card has expired.'],
    ['4000 0000 0000 0127', 'incorrect_cvc', undefined, 'Your card’s security code is incorrect.'],
  ])('%s is declined with Stripe’s code, and the checkout stays open', async (card, code, decline_code, message) => {
    const { simulator, stripe, id } = await start();
    expect(await simulator.pay(id, card)).toEqual({ paid: false, declineCode: decline_code ?? code });
    const failed = simulator.events().find(({ type }) => type === 'payment_intent.payment_failed');
    expect(failed?.data.object.last_payment_error).toMatchObject({
      type: 'card_error',
      code,
      message,
      ...(decline_code === undefined ? {} : { decline_code }),
    });
    expect((await stripe.checkout.sessions.retrieve(id)).status).toBe('open');
    expect(await simulator.pay(id)).toEqual({ paid: true });
  });
});

describe('a card whose bank asks first', () => {
  const submit = (url: string, fields: Record<string, string>) =>
    fetch(url, { method: 'POST', body: new URLSearchParams(fields), redirect: 'manual' });
  const card = { email: 'g@example.com', cardNumber: '4000 0025 0000 3155', expiry: '12 / 34', cvc: '123' };

  it('shows the bank’s question on a page that needs no script, and is paid when it is answered', async () => {
    const { simulator, url, id } = await start();
    const asked = await submit(url, card);
    expect([asked.status, asked.headers.get('location')]).toEqual([303, `/c/pay/${id}`]);
    const page = await (await fetch(url)).text();
    expect(page).toContain('Complete authentication');
    expect(page).toContain('Fail authentication');
    expect(page).not.toContain('<script');
    expect(simulator.charges()).toEqual([]);
    const answer = await submit(url, { challenge: 'complete' });
    expect(answer.headers.get('location')).toContain('/done?session_id=');
    expect(simulator.checkouts()[0]).toMatchObject({ status: 'complete', customerEmail: 'g@example.com' });
    const types = simulator.events().map(({ type }) => type);
    expect(types).toEqual([
      'payment_intent.requires_action',
      'payment_intent.succeeded',
      'charge.succeeded',
      'checkout.session.completed',
    ]);
  });

  it('is not charged when the guest fails the question, and may try another card', async () => {
    const { simulator, url } = await start();
    await submit(url, card);
    const failed = await submit(url, { challenge: 'fail' });
    expect(failed.status).toBe(402);
    expect(await failed.text()).toContain('We are unable to authenticate your payment method.');
    const event = simulator.events().at(-1);
    expect(event).toMatchObject({
      type: 'payment_intent.payment_failed',
      data: { object: { last_payment_error: { code: 'payment_intent_authentication_failure' } } },
    });
    expect((await submit(url, { ...card, cardNumber: '4242424242424242' })).status).toBe(303);
    expect(simulator.charges()).toHaveLength(1);
  });

  it('an answer without a question charges nothing', async () => {
    const { simulator, url } = await start();
    expect((await submit(url, { challenge: 'complete' })).status).toBe(400);
    expect(simulator.charges()).toEqual([]);
  });
});

describe('what becomes of a refund', () => {
  it('to 4000 0000 0000 7726 it is pending first, and succeeds a little later', async () => {
    const { simulator, stripe, intent, types } = await paid('4000 0000 0000 7726');
    const refund = await stripe.refunds.create({ payment_intent: intent });
    expect(refund).toMatchObject({ status: 'pending', pending_reason: 'processing' });
    now += 5000;
    expect((await stripe.refunds.retrieve(refund.id)).status).toBe('succeeded');
    expect(simulator.charges()[0]?.amountRefunded).toBe(250);
    expect(types('refund.')).toEqual(['refund.created', 'refund.updated']);
  });

  it('to 4000 0000 0000 5126 it succeeds, fails a little later, and the money may be refunded again', async () => {
    const { stripe, intent, charge, types, told } = await paid('4000 0000 0000 5126');
    const refund = await stripe.refunds.create({ payment_intent: intent, amount: 100 });
    expect(refund.status).toBe('succeeded');
    now += 5000;
    expect(await stripe.refunds.retrieve(refund.id)).toMatchObject({
      status: 'failed',
      failure_reason: 'expired_or_canceled_card',
    });
    expect(charge()).toMatchObject({ amountRefunded: 0, refunded: false });
    expect(types('refund.')).toEqual(['refund.created', 'refund.updated', 'refund.failed']);
    expect(types('charge.refund.')).toEqual(['charge.refund.updated']);
    expect(told('refund.failed')[0]?.data.object).toMatchObject({ id: refund.id, status: 'failed' });
    expect((await stripe.refunds.create({ payment_intent: intent })).amount).toBe(250);
  });

  it('is decided by hand: pending to failed, succeeded to failed, and never back', async () => {
    const { simulator, stripe, intent } = await paid();
    simulator.setFault('refund-pending');
    const pending = await stripe.refunds.create({ payment_intent: intent, amount: 50 });
    simulator.setFault('none');
    const well = await stripe.refunds.create({ payment_intent: intent, amount: 70 });
    simulator.settleRefund(pending.id, 'failed', 'insufficient_funds');
    simulator.settleRefund(well.id, 'failed');
    expect(simulator.charges()[0]?.refunds.map(({ status, failureReason }) => [status, failureReason])).toEqual([
      ['failed', 'insufficient_funds'],
      ['failed', 'expired_or_canceled_card'],
    ]);
    expect(() => simulator.settleRefund(well.id, 'succeeded')).toThrow('status of `failed`');
  });
});

describe('a dispute', () => {
  it('takes the money at once, keeps it from being refunded, and gives it back when it is won', async () => {
    const { simulator, stripe, intent, types } = await paid('4000 0000 0000 0259');
    const [dispute] = (await stripe.disputes.list({ payment_intent: intent })).data;
    expect(dispute).toMatchObject({ status: 'needs_response', reason: 'fraudulent', amount: 250 });
    expect((await errorOf(stripe.refunds.create({ payment_intent: intent }))).code).toBe('charge_disputed');
    await stripe.disputes.update(dispute?.id ?? '', { evidence: { uncategorized_text: 'winning_evidence' } });
    expect(simulator.charges()[0]?.disputes).toMatchObject([{ status: 'won' }]);
    expect(types('charge.dispute.')).toEqual([
      'charge.dispute.created',
      'charge.dispute.funds_withdrawn',
      'charge.dispute.updated',
      'charge.dispute.closed',
      'charge.dispute.funds_reinstated',
    ]);
    expect((await stripe.refunds.create({ payment_intent: intent })).amount).toBe(250);
  });

  it('is lost for good', async () => {
    const { simulator, stripe, intent, types } = await paid();
    const id = simulator.dispute(intent, 'product_not_received', 100);
    simulator.answerDispute(id);
    simulator.closeDispute(id, 'lost');
    expect(await stripe.disputes.retrieve(id)).toMatchObject({ status: 'lost', amount: 100 });
    expect(types('charge.dispute.').at(-1)).toBe('charge.dispute.closed');
    expect((await errorOf(stripe.refunds.create({ payment_intent: intent }))).code).toBe('charge_disputed');
    expect((await errorOf(stripe.disputes.close(id))).statusCode).toBe(400);
  });

  it('may begin as an inquiry that takes no money, and grow', async () => {
    const { simulator, stripe, intent, charge } = await paid('4000 0000 0000 1976');
    expect(charge()?.disputes).toMatchObject([{ status: 'warning_needs_response' }]);
    await stripe.refunds.create({ payment_intent: intent, amount: 50 });
    simulator.escalateDispute(charge()?.disputes[0]?.id ?? '');
    expect(charge()?.disputes).toMatchObject([{ status: 'needs_response' }]);
    expect((await errorOf(stripe.refunds.create({ payment_intent: intent }))).code).toBe('charge_disputed');
  });
});

describe('the API in trouble', () => {
  it('answers 429 when too much is asked, and is well afterwards', async () => {
    const { simulator, stripe } = await start();
    simulator.setFault('rate-limited');
    expect(await errorOf(stripe.balance.retrieve())).toBeInstanceOf(Stripe.errors.StripeRateLimitError);
    simulator.setFault('none');
    expect((await stripe.balance.retrieve()).object).toBe('balance');
  });

  it('does what is asked although its answer is lost, once under one key', async () => {
    const { simulator, stripe } = await start();
    simulator.setFault('answer-lost');
    const options = { idempotencyKey: 'payment-9' };
    expect(await errorOf(stripe.checkout.sessions.create(washing(), options))).toBeInstanceOf(
      Stripe.errors.StripeConnectionError,
    );
    simulator.setFault('none');
    await stripe.checkout.sessions.create(washing(), options);
    expect(simulator.checkouts()).toHaveLength(2); // this one and the one made at the start
  });

  it('knows better than a form what an e-mail address is', async () => {
    const { stripe } = await start();
    for (const customer_email of ['a..b@example.com', 'guest@example.c', 'gäst@example.com', 'guest@example,com']) {
      expect((await errorOf(stripe.checkout.sessions.create(washing({ customer_email })))).code).toBe('email_invalid');
    }
  });
});

describe('webhooks in bad weather', () => {
  const sent = async (weather: Parameters<StripeSimulator['setWeather']>[0]) => {
    const heard = await listenForWebhooks();
    open.push(heard);
    const { simulator, id } = await start({ webhookUrl: heard.url });
    simulator.setWeather(weather);
    await simulator.pay(id);
    return { heard, simulator };
  };
  const settled = (simulator: StripeSimulator) => () =>
    simulator.deliveries().every(({ delivered, nextAt }) => delivered || nextAt === null || nextAt > now);

  it('are late, each by its own time', async () => {
    const { heard, simulator } = await sent({ seed: 7, late: 60_000 });
    const due = simulator.deliveries().map(({ nextAt }) => (nextAt ?? 0) - now);
    expect(Math.max(...due)).toBeGreaterThan(1000);
    expect(new Set(due).size).toBe(3);
    now += 60_000;
    await until(() => heard.heard.length === 3);
  });

  it('come twice', async () => {
    const { heard } = await sent({ twice: 1 });
    await until(() => heard.heard.length === 6);
    expect(new Set(heard.heard.map(({ body }) => JSON.parse(body).id)).size).toBe(3);
  });

  it('are lost at first and come with a later try, or never come', async () => {
    const { heard, simulator } = await sent({ lostAtFirst: 1 });
    await until(settled(simulator));
    expect(heard.heard.length).toBe(0);
    for (let tries = 0; tries < 4; tries++) {
      now += 60_000;
      await until(settled(simulator));
    }
    expect(heard.heard.length).toBe(3);
    simulator.setWeather({ never: 1 });
    await simulator.refundFromDashboard(simulator.charges()[0]?.paymentIntentId ?? '');
    now += 3_600_000;
    await until(settled(simulator));
    expect(heard.heard.length).toBe(3);
  });

  it('are the same again with the same seed', async () => {
    const fatesOf = async () => {
      const { simulator } = await sent({ seed: 42, late: 60_000, twice: 0.5 });
      return simulator.deliveries().map(({ nextAt }) => nextAt);
    };
    expect(await fatesOf()).toEqual(await fatesOf());
  });
});
