import { createServer, type Server, type ServerResponse } from 'node:http';
import { afterEach, describe, expect, test } from 'vitest';
import {
  type StripeSimulator,
  type StripeSimulatorOptions,
  startStripeSimulator,
} from '../../../simulators/stripe/start.ts';
import { systemClock } from '../../host/clock.ts';
import { type CheckoutRequest, type PaymentProvider, ProviderFault } from '../payment-port.ts';
import { createStripeProvider } from './provider.ts';

let simulator: StripeSimulator | null = null;
const open: Server[] = [];

afterEach(async () => {
  await simulator?.close();
  simulator = null;
  for (const server of open.splice(0)) {
    server.closeAllConnections();
    server.close();
  }
});

async function start(options: Partial<StripeSimulatorOptions> = {}) {
  simulator = await startStripeSimulator({ stateDir: null, slowMs: 3000, ...options });
  const { url: baseUrl, secretKey } = simulator;
  return { stripe: simulator, provider: createStripeProvider({ secretKey, baseUrl, clock: systemClock }) };
}

const soon = (milliseconds = 10_000): AbortSignal => systemClock.deadline(milliseconds);

function request(change: Partial<CheckoutRequest> = {}): CheckoutRequest {
  return {
    paymentId: 'pay_01',
    amount: 250,
    currency: 'eur',
    productName: 'Waschmaschine 1, 60 min & Trockner',
    email: null,
    successUrl: 'https://keystead.example/session/t0k3n?session_id={CHECKOUT_SESSION_ID}',
    cancelUrl: 'https://keystead.example/pay/abc',
    expiresAt: systemClock.now() + 3_600_000,
    metadata: { kind: 'device', deviceId: 'dev_01' },
    ...change,
  };
}

async function fault(promise: Promise<unknown>): Promise<ProviderFault> {
  const error = await promise.then(
    () => null,
    (reason: unknown) => reason,
  );
  if (!(error instanceof ProviderFault)) throw new Error(`expected a ProviderFault, not ${String(error)}`);
  return error;
}

async function paid(stripe: StripeSimulator, provider: PaymentProvider): Promise<string> {
  const checkout = await provider.createCheckout(request(), soon());
  await stripe.pay(checkout.id);
  const intent = (await provider.findCheckout(checkout.id, soon()))?.paymentIntentId;
  if (typeof intent !== 'string') throw new Error('not paid');
  return intent;
}

describe('a checkout', () => {
  test('carries price, name, addresses and our ids', async () => {
    const { stripe, provider } = await start();
    const asked = request({ email: 'guest@example.org' });
    const checkout = await provider.createCheckout(asked, soon());
    expect(checkout).toMatchObject({
      status: 'open',
      paid: false,
      amount: 250,
      currency: 'eur',
      paymentIntentId: null,
    });
    expect(checkout.url).toMatch(/^http/);
    expect(stripe.checkouts()).toMatchObject([
      {
        id: checkout.id,
        amount: 250,
        name: asked.productName,
        clientReferenceId: 'pay_01',
        metadata: { kind: 'device', deviceId: 'dev_01', paymentId: 'pay_01' },
        successUrl: asked.successUrl,
        cancelUrl: asked.cancelUrl,
        customerEmail: 'guest@example.org',
        expiresAt: Math.floor(asked.expiresAt / 1000) * 1000,
      },
    ]);
  });

  test('asked for twice with the same payment is the same one', async () => {
    const { stripe, provider } = await start();
    const asked = request();
    const [one, two] = await Promise.all([
      provider.createCheckout(asked, soon()),
      provider.createCheckout(asked, soon()),
    ]);
    expect(two.id).toBe(one.id);
    expect(stripe.checkouts()).toHaveLength(1);
    expect(await fault(provider.createCheckout({ ...asked, amount: 900 }, soon()))).toMatchObject({
      reason: 'refused',
    });
  });

  test('once paid says so, with the payer and the money', async () => {
    const { stripe, provider } = await start();
    const { id } = await provider.createCheckout(request(), soon());
    expect((await stripe.pay(id, '4000000000000002')).paid).toBe(false);
    expect(await provider.findCheckout(id, soon())).toMatchObject({ status: 'open', paid: false });
    await stripe.pay(id, '4242424242424242', 'payer@example.org');
    const checkout = await provider.findCheckout(id, soon());
    expect(checkout).toMatchObject({ status: 'complete', paid: true, url: null, email: 'payer@example.org' });
    expect(checkout?.metadata).toEqual({ kind: 'device', deviceId: 'dev_01', paymentId: 'pay_01' });
    expect(await provider.moneyOf(checkout?.paymentIntentId ?? '', soon())).toEqual({ refunds: [], disputes: [] });
  });

  test('can be ended while open; ending it again, or when paid, tells what it is', async () => {
    const { stripe, provider } = await start();
    const first = await provider.createCheckout(request(), soon());
    expect(await provider.expireCheckout(first.id, soon())).toMatchObject({ status: 'expired', paid: false });
    expect(await provider.expireCheckout(first.id, soon())).toMatchObject({ status: 'expired', paid: false });
    const second = await provider.createCheckout(request({ paymentId: 'pay_02' }), soon());
    await stripe.pay(second.id);
    expect(await provider.expireCheckout(second.id, soon())).toMatchObject({ status: 'complete', paid: true });
  });

  test('that nobody knows is null, whatever a guest writes in its place', async () => {
    const { provider } = await start();
    await provider.createCheckout(request(), soon());
    for (const id of ['cs_test_nobody', '', '..', 'a/b', '../balance', 'x?y', '%2e%2e']) {
      expect(await provider.findCheckout(id, soon())).toBeNull();
      expect(await provider.moneyOf(id, soon())).toBeNull();
    }
    expect(await provider.expireCheckout('cs_test_nobody', soon())).toBeNull();
  });
});

describe('a refund', () => {
  test('in parts, each once, however often it is asked for', async () => {
    const { stripe, provider } = await start();
    const paymentIntentId = await paid(stripe, provider);
    const part = { refundId: 'rfd_1', paymentIntentId, amount: 100, metadata: { sessionId: 'ses_1' } };
    expect(await provider.moneyOf(paymentIntentId, soon())).toEqual({ refunds: [], disputes: [] });
    const one = await provider.refund(part, soon());
    expect((await provider.moneyOf(paymentIntentId, soon()))?.refunds).toEqual([
      { ...one, refundId: 'rfd_1', amount: 100, failure: null },
    ]);
    expect(one.status).toBe('succeeded');
    expect(await provider.refund(part, soon())).toEqual(one);
    await provider.refund({ ...part, refundId: 'rfd_2', amount: 50 }, soon());
    expect((await provider.moneyOf(paymentIntentId, soon()))?.refunds.map(({ amount }) => amount)).toEqual([50, 100]);
    expect(stripe.charges()[0]?.refunds[0]?.metadata).toEqual({ sessionId: 'ses_1', refundId: 'rfd_1' });
  });

  test('asked for again when Stripe has forgotten the idempotency key is not made twice', async () => {
    const clock = { ahead: 0, now: () => systemClock.now() + clock.ahead };
    const { stripe, provider } = await start({ clock });
    const paymentIntentId = await paid(stripe, provider);
    const part = { refundId: 'rfd_1', paymentIntentId, amount: 100, metadata: {} };
    const one = await provider.refund(part, soon());
    clock.ahead = 3 * 86_400_000;
    expect(await provider.refund(part, soon())).toEqual(one);
    expect((await provider.moneyOf(paymentIntentId, soon()))?.refunds).toMatchObject([{ id: one.id, amount: 100 }]);
  });

  test('of money that has been given back elsewhere is refused, recognisably', async () => {
    const { stripe, provider } = await start();
    const paymentIntentId = await paid(stripe, provider);
    const wish = { refundId: 'rfd_1', paymentIntentId, amount: 250, metadata: {} };
    await stripe.refundFromDashboard(paymentIntentId, 100);
    expect(await fault(provider.refund(wish, soon()))).toMatchObject({ reason: 'refused', alreadyRefunded: false });
    await stripe.refundFromDashboard(paymentIntentId);
    const refused = await fault(provider.refund({ ...wish, refundId: 'rfd_2' }, soon()));
    expect(refused).toMatchObject({ reason: 'refused', alreadyRefunded: true });
    expect((await provider.moneyOf(paymentIntentId, soon()))?.refunds).toMatchObject([
      { amount: 150, refundId: null, status: 'succeeded' },
      { amount: 100, refundId: null, status: 'succeeded' },
    ]);
  });

  test('that Stripe does not make is refused with its words; of an unknown payment too', async () => {
    const { stripe, provider } = await start();
    const paymentIntentId = await paid(stripe, provider);
    stripe.setFault('refund-fails');
    const refused = await fault(provider.refund({ refundId: 'r', paymentIntentId, amount: 1, metadata: {} }, soon()));
    expect(refused).toMatchObject({ reason: 'refused', alreadyRefunded: false });
    expect(refused.message).toContain('Insufficient funds');
    stripe.setFault('none');
    const unknown = provider.refund({ refundId: 'q', paymentIntentId: 'pi_nobody', amount: 1, metadata: {} }, soon());
    expect(await fault(unknown)).toMatchObject({ reason: 'refused' });
  });
});

describe('what became of the money', () => {
  test('refunds are told one by one: pending, gone through, come back with the bank’s word', async () => {
    const { stripe, provider } = await start();
    const paymentIntentId = await paid(stripe, provider);
    const wish = { paymentIntentId, amount: 50, metadata: {} };
    stripe.setFault('refund-pending');
    const one = await provider.refund({ ...wish, refundId: 'rfd_1' }, soon());
    expect(one.status).toBe('pending');
    stripe.setFault('none');
    const two = await provider.refund({ ...wish, refundId: 'rfd_2' }, soon());
    stripe.settleRefund(two.id, 'failed', 'lost_or_stolen_card');
    expect((await provider.moneyOf(paymentIntentId, soon()))?.refunds).toEqual([
      { id: two.id, refundId: 'rfd_2', amount: 50, status: 'failed', failure: 'lost_or_stolen_card' },
      { id: one.id, refundId: 'rfd_1', amount: 50, status: 'pending', failure: null },
    ]);
    stripe.settleRefund(one.id, 'succeeded');
    expect(await provider.refund({ ...wish, refundId: 'rfd_1' }, soon())).toEqual({ id: one.id, status: 'succeeded' });
    expect(await provider.refund({ ...wish, refundId: 'rfd_2' }, soon())).toEqual({ id: two.id, status: 'failed' });
  });

  test('a dispute is told with its state, its reason and until when it wants an answer', async () => {
    const { stripe, provider } = await start();
    const paymentIntentId = await paid(stripe, provider);
    const id = stripe.dispute(paymentIntentId, 'product_not_received', 120);
    const told = async () => (await provider.moneyOf(paymentIntentId, soon()))?.disputes[0];
    expect(await told()).toMatchObject({ id, state: 'needs-response', amount: 120, reason: 'product_not_received' });
    expect((await told())?.dueAt).toBeGreaterThan(systemClock.now());
    const wish = { refundId: 'rfd_1', paymentIntentId, amount: 10, metadata: {} };
    expect(await fault(provider.refund(wish, soon()))).toMatchObject({ reason: 'refused' });
    stripe.answerDispute(id);
    expect((await told())?.state).toBe('under-review');
    stripe.closeDispute(id, 'won');
    expect((await told())?.state).toBe('won');
  });
});

describe('when Stripe is not well', () => {
  test('a wrong key is a matter of credentials', async () => {
    const { stripe, provider } = await start();
    await provider.testKey(soon());
    const stranger = createStripeProvider({ secretKey: 'sk_test_wrong', baseUrl: stripe.url, clock: systemClock });
    expect(await fault(stranger.testKey(soon()))).toMatchObject({ reason: 'credentials' });
    expect(await fault(stranger.createCheckout(request(), soon()))).toMatchObject({ reason: 'credentials' });
    expect(await fault(stranger.findCheckout('cs_test_1', soon()))).toMatchObject({ reason: 'credentials' });
  });

  test.each(['down', 'server-error', 'rate-limited', 'answer-lost'] as const)(
    '%s: a matter of the moment, and the same id works later',
    async (trouble) => {
      const { stripe, provider } = await start();
      const asked = request();
      stripe.setFault(trouble);
      expect(await fault(provider.createCheckout(asked, soon()))).toMatchObject({ reason: 'moment' });
      if (trouble !== 'answer-lost') {
        expect(await fault(provider.testKey(soon()))).toMatchObject({ reason: 'moment', timedOut: false });
      }
      stripe.setFault('none');
      expect((await provider.createCheckout(asked, soon())).status).toBe('open');
      expect(stripe.checkouts()).toHaveLength(1);
    },
  );

  test('an address that Stripe does not take for one is the caller’s to set right', async () => {
    const { provider } = await start();
    const refused = fault(provider.createCheckout(request({ email: 'a..b@example.com' }), soon()));
    expect(await refused).toMatchObject({ reason: 'refused', field: 'email' });
    const other = fault(provider.createCheckout(request({ amount: 1 }), soon()));
    expect(await other).toMatchObject({ reason: 'refused', field: null });
  });

  test('slow: the signal ends the waiting; asked again, the checkout that was made comes back', async () => {
    const { stripe, provider } = await start();
    const asked = request();
    stripe.setFault('slow');
    const started = performance.now();
    expect(await fault(provider.createCheckout(asked, soon(300)))).toMatchObject({ reason: 'moment', timedOut: true });
    expect(performance.now() - started).toBeLessThan(6000); // the slow answer takes 8 s
    stripe.setFault('none');
    expect((await provider.createCheckout(asked, soon())).id).toBe(stripe.checkouts()[0]?.id);
    expect(stripe.checkouts()).toHaveLength(1);
  });

  test('a signal that has fired already asks nothing', async () => {
    const { stripe, provider } = await start();
    expect(await fault(provider.createCheckout(request(), AbortSignal.abort()))).toMatchObject({ reason: 'moment' });
    expect(stripe.checkouts()).toEqual([]);
  });

  test.each<[string, ProviderFault['reason'], (response: ServerResponse) => void]>([
    ['no JSON', 'moment', (response) => response.end('<html>')],
    ['null', 'moment', (response) => response.end('null')],
    ['an empty object', 'moment', (response) => response.end('{}')],
    ['wrong types', 'moment', (response) => response.end('{"id":7,"status":"open","payment_status":"paid"}')],
    ['an unknown status', 'moment', (response) => response.end('{"id":"cs_1","status":"odd","payment_status":"paid"}')],
    ['half an answer', 'moment', (response) => void response.writeHead(200, { 'content-length': 99 }).end('{"id":')],
    [
      '409',
      'moment',
      (response) =>
        response.writeHead(409).end('{"error":{"type":"idempotency_error","code":"idempotency_key_in_use"}}'),
    ],
    ['429', 'moment', (response) => response.writeHead(429).end('{"error":{"type":"invalid_request_error"}}')],
    ['503 without words', 'moment', (response) => response.writeHead(503).end()],
    ['403', 'credentials', (response) => response.writeHead(403).end('{"error":{"type":"invalid_request_error"}}')],
    [
      '402',
      'refused',
      (response) => response.writeHead(402).end('{"error":{"type":"card_error","code":"card_declined"}}'),
    ],
    ['a redirect', 'moment', (response) => response.writeHead(307, { location: 'http://127.0.0.1:1/' }).end()],
  ])('%s: %s', async (_, reason, answer) => {
    const server = createServer((_request, response) => {
      response.strictContentLength = false;
      answer(response);
      if (!response.writableFinished && response.getHeader('content-length') === 99) response.socket?.end();
    });
    open.push(server);
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const address = server.address();
    const port = typeof address === 'object' && address !== null ? address.port : 0;
    const provider = createStripeProvider({ secretKey: 'sk', baseUrl: `http://127.0.0.1:${port}`, clock: systemClock });
    expect((await fault(provider.findCheckout('cs_1', soon(2000)))).reason).toBe(reason);
  });
});
