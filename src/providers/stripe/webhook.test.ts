import { createServer } from 'node:http';
import Stripe from 'stripe';
import { describe, expect, test } from 'vitest';
import { startStripeSimulator } from '../../../simulators/stripe/start.ts';
import { systemClock } from '../../host/clock.ts';
import { type ProviderEvent, ProviderFault } from '../payment-port.ts';
import { createStripeProvider } from './provider.ts';
import { readStripeWebhook } from './webhook.ts';

const secret = 'whsec_test';
const at = 1_780_000_000_000;

function read(body: unknown, change: { secret?: string; header?: string; now?: number } = {}): ProviderEvent {
  const payload = typeof body === 'string' ? body : JSON.stringify(body);
  const header = change.header ?? Stripe.webhooks.generateTestHeaderString({ payload, secret, timestamp: at / 1000 });
  return readStripeWebhook(Buffer.from(payload), header, change.secret ?? secret, change.now ?? at);
}

const event = (type: string, object: unknown) => ({ id: 'evt_1', object: 'event', type, data: { object } });
const session = {
  id: 'cs_1',
  object: 'checkout.session',
  status: 'complete',
  payment_status: 'paid',
  payment_intent: 'pi_1',
  amount_total: 250,
  currency: 'EUR',
  customer_details: { email: 'g@example.org' },
  client_reference_id: 'pay_1',
  metadata: { paymentId: 'pay_1' },
};

function fault(call: () => unknown): ProviderFault {
  try {
    call();
  } catch (error) {
    if (error instanceof ProviderFault) return error;
    throw error;
  }
  throw new Error('nothing was thrown');
}

describe('the signature of a webhook', () => {
  const body = event('checkout.session.completed', session);

  test('right and fresh passes; after 300 s, with another secret or a changed body it does not', () => {
    expect(read(body).kind).toBe('paid');
    expect(read(body, { now: at + 300_000 }).kind).toBe('paid');
    expect(fault(() => read(body, { now: at + 301_000 })).reason).toBe('signature');
    expect(fault(() => read(body, { secret: 'whsec_other' })).reason).toBe('signature');
    const header = Stripe.webhooks.generateTestHeaderString({ payload: '{}', secret, timestamp: at / 1000 });
    expect(fault(() => read(body, { header })).reason).toBe('signature');
  });

  test.each(['', 't=1', 'v1=aa', 't=abc,v1=', 'nonsense', `t=${at / 1000},v0=aa`])('%j is none', (header) => {
    expect(fault(() => read(body, { header })).reason).toBe('signature');
  });

  test('an empty secret never matches, nor an empty body', () => {
    expect(fault(() => read(body, { secret: '' })).reason).toBe('signature');
    expect(fault(() => readStripeWebhook(Buffer.alloc(0), 't=1,v1=aa', secret, at)).reason).toBe('signature');
  });
});

describe('what a webhook says', () => {
  test('a completed and paid checkout is paid', () => {
    const expected = {
      kind: 'paid',
      eventId: 'evt_1',
      paymentId: 'pay_1',
      checkoutId: 'cs_1',
      paymentIntentId: 'pi_1',
      amount: 250,
      currency: 'eur',
      email: 'g@example.org',
      paidAt: null,
    };
    expect(read(event('checkout.session.completed', session))).toEqual(expected);
    expect(read(event('checkout.session.async_payment_succeeded', session))).toEqual(expected);
  });

  test.each(['unpaid', 'no_payment_required', 'odd'])('a completed checkout that is %s is not', (payment_status) => {
    const said = read(event('checkout.session.completed', { ...session, payment_status }));
    expect(said).toEqual({ kind: 'ignored', eventId: 'evt_1', type: 'checkout.session.completed' });
  });

  test('a succeeded intent is paid, by the id in its own metadata', () => {
    const intent = {
      id: 'pi_1',
      amount_received: 250,
      currency: 'eur',
      latest_charge: 'ch_1',
      metadata: { paymentId: 'pay_1' },
    };
    expect(read(event('payment_intent.succeeded', intent))).toMatchObject({
      kind: 'paid',
      paymentId: 'pay_1',
      checkoutId: null,
      paymentIntentId: 'pi_1',
      amount: 250,
    });
    expect(read(event('payment_intent.succeeded', { ...intent, metadata: {} }))).toMatchObject({
      kind: 'paid',
      paymentId: null,
    });
  });

  test('an expired checkout, and refunds in part or in full', () => {
    expect(
      read(event('checkout.session.expired', { ...session, status: 'expired', payment_status: 'unpaid' })),
    ).toEqual({
      kind: 'checkout-expired',
      eventId: 'evt_1',
      paymentId: 'pay_1',
      checkoutId: 'cs_1',
    });
    const charge = { id: 'ch_1', payment_intent: { id: 'pi_1' }, amount: 250, amount_refunded: 100, metadata: {} };
    const refunded = {
      kind: 'refunded',
      eventId: 'evt_1',
      paymentId: null,
      paymentIntentId: 'pi_1',
      amount: 250,
      refundedTotal: 100,
    };
    expect(read(event('charge.refunded', charge))).toEqual({ ...refunded, currency: null, paidAt: null });
    expect(read(event('charge.refunded', { ...charge, currency: 'EUR', created: 1_780_000_000 }))).toEqual({
      ...refunded,
      currency: 'eur',
      paidAt: 1_780_000_000_000,
    });
  });

  const refund = { id: 're_1', amount: 100, status: 'succeeded', payment_intent: 'pi_1', metadata: null };

  test.each(['refund.created', 'refund.updated', 'refund.failed', 'charge.refund.updated'])(
    '%s tells how one refund stands, ours by the id in its metadata',
    (type) => {
      const failed = { ...refund, status: 'failed', failure_reason: 'expired_or_canceled_card' };
      const told = { kind: 'refund-changed', eventId: 'evt_1', paymentIntentId: 'pi_1' };
      expect(read(event(type, failed))).toEqual({
        ...told,
        paymentId: null,
        refund: { id: 're_1', refundId: null, amount: 100, status: 'failed', failure: 'expired_or_canceled_card' },
      });
      const ours = { ...refund, status: 'pending', metadata: { refundId: 'rfd_1', paymentId: 'pay_1' } };
      expect(read(event(type, ours))).toMatchObject({
        paymentId: 'pay_1',
        refund: { refundId: 'rfd_1', status: 'pending' },
      });
      const canceled = { ...refund, status: 'canceled' };
      expect(read(event(type, canceled))).toMatchObject({ refund: { status: 'failed', failure: 'canceled' } });
    },
  );

  const dispute = {
    id: 'du_1',
    amount: 250,
    currency: 'EUR',
    created: 1_780_000_000,
    reason: 'fraudulent',
    payment_intent: { id: 'pi_1' },
    evidence_details: { due_by: 1_780_777_000 },
  };

  test.each([
    ['warning_needs_response', 'inquiry'],
    ['warning_under_review', 'inquiry'],
    ['warning_closed', 'dropped'],
    ['needs_response', 'needs-response'],
    ['under_review', 'under-review'],
    ['won', 'won'],
    ['lost', 'lost'],
    ['appeal_needs_response', 'needs-response'],
    ['a_state_of_tomorrow', 'under-review'],
  ])('a dispute that is %s is %s', (status, state) => {
    const types = ['created', 'updated', 'closed', 'funds_withdrawn', 'funds_reinstated'];
    for (const type of types) {
      expect(read({ ...event(`charge.dispute.${type}`, { ...dispute, status }), created: 1_780_000_100 })).toEqual({
        kind: 'disputed',
        eventId: 'evt_1',
        paymentIntentId: 'pi_1',
        toldAt: 1_780_000_100_000,
        dispute: {
          id: 'du_1',
          state,
          amount: 250,
          currency: 'eur',
          reason: 'fraudulent',
          dueAt: 1_780_777_000_000,
          openedAt: 1_780_000_000_000,
        },
      });
    }
  });

  test.each([
    [{ code: 'card_declined', decline_code: 'insufficient_funds' }, 'insufficient_funds'],
    [{ code: 'expired_card' }, 'expired_card'],
    [null, 'unknown'],
  ])('a declined card is told with why: %j', (last_payment_error, code) => {
    const intent = { id: 'pi_1', last_payment_error, metadata: { paymentId: 'pay_1' } };
    const told = read(event('payment_intent.payment_failed', intent));
    expect(told).toMatchObject({ kind: 'declined', paymentId: 'pay_1', paymentIntentId: 'pi_1', code });
  });

  test.each([
    ['refund.failed', { ...refund, amount: '100' }],
    ['refund.updated', null],
    ['charge.dispute.created', { ...dispute, status: 'won', payment_intent: null }],
    ['charge.dispute.closed', { ...dispute }],
    ['payment_intent.payment_failed', { id: '' }],
    ['checkout.session.completed', null],
    ['checkout.session.completed', { id: 7 }],
    ['checkout.session.completed', { ...session, amount_total: '250' }],
    ['checkout.session.completed', { ...session, amount_total: null }],
    ['checkout.session.completed', { ...session, metadata: { paymentId: 5 } }],
    ['checkout.session.expired', []],
    ['payment_intent.succeeded', { id: 'pi_1', amount_received: -1, currency: 'eur' }],
    ['charge.refunded', { id: 'ch_1', amount: 250, amount_refunded: 250, payment_intent: null }],
    ['charge.refunded', 'text'],
    ['customer.created', { id: 'cus_1' }],
    ['__proto__', {}],
  ])('%s with %j is ignored', (type, object) => {
    expect(read(event(type, object))).toEqual({ kind: 'ignored', eventId: 'evt_1', type });
  });

  test.each([
    'not json',
    'null',
    '[]',
    '{}',
    '{"id":"evt_1"}',
    '{"id":"","type":"x","data":{"object":{}}}',
    '{"object":"v2.core.event","id":"e"}',
  ])('%s is signed, but no event', (body) => {
    expect(fault(() => read(body)).reason).toBe('signature');
  });
});

test('the webhooks that Stripe sends for a payment, its refund and an expired checkout are understood', async () => {
  const stripe = await startStripeSimulator({ stateDir: null });
  const said: ProviderEvent[] = [];
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const signature = String(request.headers['stripe-signature']);
      said.push(readStripeWebhook(Buffer.concat(chunks), signature, stripe.webhookSecret, systemClock.now()));
      response.end();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  try {
    const address = server.address();
    stripe.setWebhookUrl(`http://127.0.0.1:${typeof address === 'object' && address !== null ? address.port : 0}/`);
    const { secretKey, url: baseUrl } = stripe;
    const provider = createStripeProvider({ secretKey, baseUrl, clock: systemClock });
    const signal = systemClock.deadline(10_000);
    const request = {
      amount: 250,
      currency: 'eur',
      productName: 'Door',
      email: null,
      successUrl: 'https://k.example/ok',
      cancelUrl: 'https://k.example/no',
      expiresAt: systemClock.now() + 3_600_000,
      metadata: { kind: 'door' },
    };
    const one = await provider.createCheckout({ ...request, paymentId: 'pay_1' }, signal);
    const two = await provider.createCheckout({ ...request, paymentId: 'pay_2' }, signal);
    await stripe.pay(one.id);
    await provider.expireCheckout(two.id, signal);
    const intent = (await provider.findCheckout(one.id, signal))?.paymentIntentId ?? '';
    await provider.refund({ refundId: 'rfd_1', paymentIntentId: intent, amount: 100, metadata: {} }, signal);
    await expect.poll(() => said.filter((one) => one.kind !== 'ignored').length, { timeout: 4000 }).toBe(5);
    expect(said).toEqual(
      expect.arrayContaining([
        expect.objectContaining({
          kind: 'paid',
          paymentId: 'pay_1',
          checkoutId: one.id,
          paymentIntentId: intent,
          amount: 250,
        }),
        expect.objectContaining({
          kind: 'paid',
          paymentId: 'pay_1',
          checkoutId: null,
          paymentIntentId: intent,
          amount: 250,
        }),
        expect.objectContaining({ kind: 'checkout-expired', paymentId: 'pay_2', checkoutId: two.id }),
        expect.objectContaining({
          kind: 'refunded',
          paymentId: 'pay_1',
          paymentIntentId: intent,
          amount: 250,
          refundedTotal: 100,
        }),
        expect.objectContaining({
          kind: 'refund-changed',
          paymentIntentId: intent,
          refund: expect.objectContaining({ refundId: 'rfd_1', amount: 100, status: 'succeeded' }),
        }),
      ]),
    );
  } finally {
    await stripe.close();
    server.closeAllConnections();
    server.close();
  }
});
