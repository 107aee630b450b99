import Stripe from 'stripe';
import { afterEach, describe, expect, it } from 'vitest';
import { type StripeSimulator, type StripeSimulatorOptions, startStripeSimulator } from './start.ts';
import { clientOf, washing } from './test-bench.ts';

const open: StripeSimulator[] = [];
async function start(options: Partial<StripeSimulatorOptions> = {}): Promise<StripeSimulator> {
  const simulator = await startStripeSimulator({ stateDir: null, slowMs: 150, ...options });
  open.push(simulator);
  return simulator;
}
afterEach(async () => {
  for (const simulator of open.splice(0)) await simulator.close();
});
async function errorOf(work: Promise<unknown>): Promise<Stripe.errors.StripeError> {
  try {
    await work;
  } catch (error) {
    if (error instanceof Stripe.errors.StripeError) return error;
    throw error;
  }
  throw new Error('it succeeded');
}

describe('a simulated checkout session', () => {
  it('is opened, read and paid through Stripe’s own client', async () => {
    const simulator = await start();
    const stripe = clientOf(simulator);
    const session = await stripe.checkout.sessions.create(washing({ customer_email: 'g@example.com' }));
    expect(session).toMatchObject({ status: 'open', payment_status: 'unpaid', amount_total: 250, currency: 'eur' });
    expect(session.id).toMatch(/^cs_test_a1\w{56}$/);
    expect(session.url).toBe(`${simulator.url}/c/pay/${session.id}`);
    expect(session.lastResponse.requestId).toMatch(/^req_/);
    expect(await simulator.pay(session.id)).toEqual({ paid: true });
    const paid = await stripe.checkout.sessions.retrieve(session.id, { expand: ['payment_intent.latest_charge'] });
    expect(paid).toMatchObject({ status: 'complete', payment_status: 'paid', url: null });
    expect(paid.customer_details?.email).toBe('g@example.com');
    const intent = paid.payment_intent as Stripe.PaymentIntent;
    expect(intent).toMatchObject({ status: 'succeeded', amount_received: 250, metadata: { paymentId: 'payment-1' } });
    expect(intent.latest_charge).toMatchObject({ object: 'charge', paid: true, amount_refunded: 0 });
    expect((await stripe.paymentIntents.retrieve(intent.id)).metadata).toEqual({ paymentId: 'payment-1' });
    expect((await stripe.balance.retrieve()).pending[0]).toMatchObject({ amount: 250, currency: 'eur' });
    expect(simulator.events().map((event) => event.type)).toEqual([
      'payment_intent.succeeded',
      'charge.succeeded',
      'checkout.session.completed',
    ]);
  });

  it('is charged once when it is paid twice at the same moment', async () => {
    const simulator = await start();
    const { id } = await clientOf(simulator).checkout.sessions.create(washing());
    const both = await Promise.all([simulator.pay(id), simulator.pay(id)]);
    expect(both).toEqual([{ paid: true }, { paid: false, declineCode: 'session_complete' }]);
    expect(simulator.charges()).toHaveLength(1);
  });

  it('stays open after a declined card and can be paid with another', async () => {
    const simulator = await start();
    const { id } = await clientOf(simulator).checkout.sessions.create(washing());
    expect(await simulator.pay(id, '4000 0000 0000 0002')).toEqual({ paid: false, declineCode: 'generic_decline' });
    expect(await simulator.pay(id, '4000000000009995')).toEqual({ paid: false, declineCode: 'insufficient_funds' });
    expect(simulator.checkouts()[0]).toMatchObject({ status: 'open', paymentStatus: 'unpaid' });
    expect(await simulator.pay(id)).toEqual({ paid: true });
    const intents = simulator.events().filter((event) => event.type === 'payment_intent.payment_failed');
    expect(intents).toHaveLength(2);
    expect(new Set(intents.map((event) => event.data.object.id)).size).toBe(1);
  });

  it('expires when asked, once, and when its time is over', async () => {
    let now = 1_800_000_000_000;
    const simulator = await start({ clock: { now: () => now } });
    const stripe = clientOf(simulator);
    const first = await stripe.checkout.sessions.create(washing());
    expect((await stripe.checkout.sessions.expire(first.id)).status).toBe('expired');
    const again = await errorOf(stripe.checkout.sessions.expire(first.id));
    expect(again).toBeInstanceOf(Stripe.errors.StripeInvalidRequestError);
    const second = await stripe.checkout.sessions.create(washing({ expires_at: 1_800_000_000 + 1800 }));
    now += 1_800_000;
    expect((await stripe.checkout.sessions.retrieve(second.id)).status).toBe('expired');
    expect(await simulator.pay(second.id)).toEqual({ paid: false, declineCode: 'session_expired' });
    expect(simulator.events().map((event) => event.type)).toEqual([
      'checkout.session.expired',
      'checkout.session.expired',
    ]);
  });

  it('is refused with Stripe’s errors when its parameters are wrong', async () => {
    const stripe = clientOf(await start({ clock: { now: () => 1_800_000_000_000 } }));
    const refusal = async (overrides: object) => {
      const error = await errorOf(stripe.checkout.sessions.create(washing(overrides)));
      return [error.statusCode, error.code, error.param];
    };
    const cheap = { currency: 'eur', unit_amount: 49, product_data: { name: 'x' } };
    expect(await refusal({ line_items: [] })).toEqual([400, 'parameter_missing', 'line_items']);
    expect(await refusal({ line_items: [{ quantity: 1, price_data: cheap }] })).toEqual([
      400,
      'amount_too_small',
      undefined,
    ]);
    expect(await refusal({ expires_at: 1_800_000_000 + 1799 })).toEqual([400, undefined, 'expires_at']);
    expect(await refusal({ expires_at: 1_800_000_000 + 86_401 })).toEqual([400, undefined, 'expires_at']);
    expect(await refusal({ colour: 'red' })).toEqual([400, 'parameter_unknown', 'colour']);
    expect(await refusal({ customer_email: 'nobody' })).toEqual([400, 'email_invalid', 'customer_email']);
    expect(await refusal({ success_url: 'nowhere' })).toEqual([400, 'url_invalid', 'success_url']);
    const lost = await errorOf(stripe.checkout.sessions.retrieve('cs_test_none'));
    expect([lost.statusCode, lost.code]).toEqual([404, 'resource_missing']);
  });
});

describe('a simulated refund', () => {
  async function paid() {
    const simulator = await start();
    const stripe = clientOf(simulator);
    const { id } = await stripe.checkout.sessions.create(washing());
    await simulator.pay(id);
    const intent = simulator.checkouts()[0]?.paymentIntentId ?? '';
    return { simulator, stripe, intent };
  }

  it('is partial or full, and never more than was paid', async () => {
    const { simulator, stripe, intent } = await paid();
    const part = await stripe.refunds.create({ payment_intent: intent, amount: 100, metadata: { why: 'late' } });
    expect(part).toMatchObject({ status: 'succeeded', amount: 100, payment_intent: intent });
    const tooMuch = await errorOf(stripe.refunds.create({ payment_intent: intent, amount: 151 }));
    expect(tooMuch.message).toBe('Refund amount (€1.51) is greater than unrefunded amount on charge (€1.50)');
    await stripe.refunds.create({ payment_intent: intent, reason: 'requested_by_customer' });
    const done = await errorOf(stripe.refunds.create({ payment_intent: intent }));
    expect([done.statusCode, done.code]).toEqual([400, 'charge_already_refunded']);
    expect(simulator.charges()[0]).toMatchObject({ amountRefunded: 250, refunded: true });
    const list = await stripe.refunds.list({ payment_intent: intent });
    expect(list.data.map((refund) => refund.amount)).toEqual([150, 100]);
    expect(await stripe.refunds.retrieve(part.id)).toMatchObject({ metadata: { why: 'late' } });
    const told = simulator.events().filter((event) => event.type === 'charge.refunded');
    expect(told.map((event) => [event.data.object.amount_refunded, event.data.object.refunded])).toEqual([
      [100, false],
      [250, true],
    ]);
  });

  it('made in the dashboard is told by an event only', async () => {
    const { simulator, intent } = await paid();
    await simulator.refundFromDashboard(intent, 50);
    const event = simulator.events().find(({ type }) => type === 'charge.refunded');
    expect(event).toMatchObject({ request: { id: null }, data: { object: { amount_refunded: 50 } } });
  });

  it('of something unpaid or unknown is refused', async () => {
    const { simulator, stripe } = await paid();
    const { id } = await stripe.checkout.sessions.create(washing());
    await simulator.pay(id, '4000000000000002');
    const intent = simulator.checkouts()[1]?.paymentIntentId ?? '';
    const unpaid = await errorOf(stripe.refunds.create({ payment_intent: intent }));
    expect(unpaid.message).toContain('does not have a successful charge to refund');
    expect((await errorOf(stripe.refunds.create({ payment_intent: 'pi_none' }))).code).toBe('resource_missing');
    expect((await errorOf(stripe.refunds.create({}))).statusCode).toBe(400);
  });

  it('fails when the simulated fault says so', async () => {
    const { simulator, stripe, intent } = await paid();
    simulator.setFault('refund-fails');
    expect((await errorOf(stripe.refunds.create({ payment_intent: intent }))).code).toBe('balance_insufficient');
    expect(simulator.charges()[0]?.amountRefunded).toBe(0);
  });
});

describe('the simulated Stripe API', () => {
  it('replays the answer of an idempotency key, and refuses the key with other parameters', async () => {
    const simulator = await start();
    const stripe = clientOf(simulator);
    const options = { idempotencyKey: 'payment-1' };
    const first = await stripe.checkout.sessions.create(washing(), options);
    const second = await stripe.checkout.sessions.create(washing(), options);
    expect(second.id).toBe(first.id);
    expect(second.lastResponse.headers['idempotent-replayed']).toBe('true');
    expect(simulator.checkouts()).toHaveLength(1);
    const other = await errorOf(stripe.checkout.sessions.create(washing({ client_reference_id: 'x' }), options));
    expect(other).toBeInstanceOf(Stripe.errors.StripeIdempotencyError);
  });

  it('does not keep an answer about wrong parameters under the key', async () => {
    const stripe = clientOf(await start());
    const options = { idempotencyKey: 'payment-2' };
    await errorOf(stripe.checkout.sessions.create(washing({ customer_email: 'nobody' }), options));
    expect((await stripe.checkout.sessions.create(washing(), options)).status).toBe('open');
  });

  it('knows its secret key only', async () => {
    const simulator = await start();
    const wrong = await errorOf(clientOf(simulator, 'sk_test_wrong_key_of_somebody').balance.retrieve());
    expect(wrong).toBeInstanceOf(Stripe.errors.StripeAuthenticationError);
    expect(wrong.message).toMatch(/^Invalid API Key provided: sk_test_\*+body$/);
    const publishable = await errorOf(clientOf(simulator, simulator.publishableKey).balance.retrieve());
    expect(publishable.code).toBe('secret_key_required');
  });

  it('lists what it has in pages, newest first', async () => {
    const simulator = await start();
    const stripe = clientOf(simulator);
    for (let n = 0; n < 5; n++) await stripe.checkout.sessions.create(washing({ client_reference_id: `p${n}` }));
    const seen: (string | null)[] = [];
    for await (const session of stripe.checkout.sessions.list({ limit: 2 })) seen.push(session.client_reference_id);
    expect(seen).toEqual(['p4', 'p3', 'p2', 'p1', 'p0']);
    await simulator.pay(simulator.checkouts()[0]?.id ?? '');
    const events = await stripe.events.list({ type: 'checkout.session.completed' });
    expect(events.data).toHaveLength(1);
    const one = await stripe.events.retrieve(events.data[0]?.id ?? '');
    expect(one).toMatchObject({ api_version: '2026-10-28.endive', type: 'checkout.session.completed' });
    const intent = simulator.checkouts()[0]?.paymentIntentId ?? '';
    expect((await stripe.charges.list({ payment_intent: intent })).data).toHaveLength(1);
  });

  it('is down, broken or slow when told so', async () => {
    const simulator = await start();
    const stripe = clientOf(simulator);
    simulator.setFault('down');
    expect(await errorOf(stripe.balance.retrieve())).toBeInstanceOf(Stripe.errors.StripeConnectionError);
    simulator.setFault('server-error');
    expect(await errorOf(stripe.balance.retrieve())).toBeInstanceOf(Stripe.errors.StripeAPIError);
    simulator.setFault('slow');
    const began = performance.now();
    await stripe.balance.retrieve();
    expect(performance.now() - began).toBeGreaterThan(140);
  });
});
