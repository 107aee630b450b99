import { createHmac } from 'node:crypto';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { type Laundry, openLaundry } from '../../support/laundry.ts';
import { beginToPay, sessionOf } from '../../support/purchase.ts';
import { ask, expectError } from '../../support/requests.ts';
import { fingerprint } from '../../support/rows.ts';

let laundry: Laundry;
beforeAll(async () => {
  laundry = await openLaundry({ engine: false });
  laundry.stripe.setWebhookUrl(null); // what is delivered, and when, is for the tests to say
});
afterAll(() => laundry.close());
afterEach(async () => {
  for (const { token, status } of (await ask(laundry, 'GET /api/sessions')).body) {
    if (status === 'PENDING' || status === 'ACTIVE') await ask(laundry, `PATCH /api/sessions/${token}/end`);
  }
  await laundry.ahead(1000);
});

const ok = [200, { received: true }];
let made = 0;
const eventOf = (type: string, object: unknown) => {
  const created = Math.floor(laundry.clock.now() / 1000);
  return { id: `evt_${++made}`, object: 'event', type, created, data: { object } };
};

function sign(body: string, o: { secret?: string; at?: number } = {}): string {
  const at = Math.floor((o.at ?? laundry.clock.now()) / 1000);
  const mac = createHmac('sha256', o.secret ?? laundry.stripe.webhookSecret).update(`${at}.${body}`);
  return `t=${at},v1=${mac.digest('hex')}`;
}
async function post(event: unknown, o: { path?: string; secret?: string; headers?: Record<string, string> } = {}) {
  const raw = typeof event === 'string' ? event : JSON.stringify(event);
  const headers = {
    'content-type': 'application/json; charset=utf-8',
    'stripe-signature': sign(raw, o),
    ...o.headers,
  };
  const answer = await laundry.call('POST', o.path ?? '/api/stripe/webhook', { raw, headers });
  return { ...answer, told: [answer.status, answer.body] };
}
/** What Stripe itself would send about a payment, oldest first. */
const eventsOf = (type: string) => laundry.stripe.events().filter((event) => event.type === type);
const last = (type: string) => eventsOf(type).at(-1);
const paymentOf = async (checkoutId: string) =>
  (await ask(laundry, 'GET /api/payments')).body.find(
    ({ stripeSessionId }: { stripeSessionId: string }) => stripeSessionId === checkoutId,
  );

async function paid() {
  const begun = await beginToPay(laundry, laundry.washer.plans.delayed);
  await laundry.stripe.pay(begun.checkoutId);
  return begun;
}

describe('Stripe tells of a payment', () => {
  test.each([
    ['checkout.session.completed', '/api/stripe/webhook'],
    ['payment_intent.succeeded', '/api/stripe/webhook'],
    ['checkout.session.completed', '/api/stripe/webhook/main'],
    ['payment_intent.succeeded', '/api/stripe/webhook/main'],
  ])('%s at %s starts the session', async (type, path) => {
    const begun = await paid();
    expect(await sessionOf(laundry, begun.token)).toMatchObject({ status: 'PENDING' });
    expect((await post(last(type), { path })).told).toEqual(ok);
    expect(await sessionOf(laundry, begun.token)).toMatchObject({ status: 'ACTIVE', state: 'waiting-to-start' });
    expect(await paymentOf(begun.checkoutId)).toMatchObject({
      status: 'SUCCEEDED',
      amount: 100,
      refundedAmount: 0,
      stripePaymentIntentId: expect.stringMatching(/^pi_/),
    });
  });

  test('any number of times and in any order, and it counts once', async () => {
    const begun = await paid();
    const events = ['payment_intent.succeeded', 'charge.succeeded', 'checkout.session.completed'].map(last);
    const answers = await Promise.all([...events, ...events, ...events.toReversed()].map((event) => post(event)));
    for (const { told } of answers) expect(told).toEqual(ok);
    const session = await sessionOf(laundry, begun.token);
    const later = { ...last('checkout.session.completed'), id: 'evt_again' };
    laundry.clock.ahead(5000);
    expect((await post(later)).told).toEqual(ok);
    expect(await sessionOf(laundry, begun.token)).toEqual(session);
    expect((await ask(laundry, 'GET /api/sessions?status=ACTIVE')).body.length).toBe(1);
  });

  test('that is not paid yet starts nothing', async () => {
    const begun = await paid();
    const event = structuredClone(last('checkout.session.completed'));
    Object.assign(event?.data.object ?? {}, { payment_status: 'unpaid' });
    expect((await post({ ...event, id: 'evt_unpaid' })).told).toEqual(ok);
    expect(await sessionOf(laundry, begun.token)).toMatchObject({ status: 'PENDING' });
  });

  test.each([
    ['another amount', { amount_total: 99 }, 99],
    ['another currency', { currency: 'usd' }, 100],
  ])(
    'that is not what was asked for is a notice, buys nothing, and goes back as it came: %s',
    async (_, wrong, came) => {
      const begun = await paid();
      const event = structuredClone(last('checkout.session.completed'));
      Object.assign(event?.data.object ?? {}, wrong);
      expect((await post({ ...event, id: `evt_${Object.keys(wrong)[0]}` })).told).toEqual(ok);
      expect(await sessionOf(laundry, begun.token)).toMatchObject({ status: 'CANCELLED', startedAt: null });
      const { id } = await paymentOf(begun.checkoutId);
      expect((await ask(laundry, 'GET /api/notices')).body[0]).toMatchObject({
        kind: 'payment-mismatch',
        subject: { type: 'payment', id },
      });
      await laundry.ahead(1000);
      await laundry.until('what came went back', () => laundry.stripe.charges().at(-1)?.amountRefunded === came);
    },
  );

  test('that is over: an expired checkout ends its session', async () => {
    const begun = await beginToPay(laundry, laundry.washer.plans.now);
    laundry.clock.ahead(3_600_000);
    laundry.stripe.checkouts();
    expect((await post(last('checkout.session.expired'))).told).toEqual(ok);
    expect(await sessionOf(laundry, begun.token)).toMatchObject({
      status: 'CANCELLED',
      failureReason: 'payment_not_completed',
    });
    expect(await paymentOf(begun.checkoutId)).toMatchObject({ status: 'FAILED' });
  });
});

describe('Stripe tells of a refund from its dashboard', () => {
  const running = async () => {
    const begun = await beginToPay(laundry, laundry.washer.plans.now);
    await laundry.stripe.pay(begun.checkoutId);
    await post(last('checkout.session.completed'));
    await laundry.ahead(0);
    expect(await sessionOf(laundry, begun.token)).toMatchObject({ state: 'running' });
    return { ...begun, intentId: (await paymentOf(begun.checkoutId)).stripePaymentIntentId };
  };

  test('in full: the session is cancelled, the relay goes off, nothing goes back twice', async () => {
    const { token, checkoutId, intentId } = await running();
    await laundry.stripe.refundFromDashboard(intentId);
    expect((await post(last('charge.refunded'))).told).toEqual(ok);
    await laundry.ahead(1000);
    expect(laundry.shelly.device('Washer 1').channels[0]?.output).toBe(false);
    expect(await sessionOf(laundry, token)).toMatchObject({
      status: 'CANCELLED',
      failureReason: 'payment_reversed',
      refund: { amount: 100, state: 'done' },
    });
    expect(await paymentOf(checkoutId)).toMatchObject({ status: 'REFUNDED', refundedAmount: 100 });
    await laundry.ahead(60_000);
    expect(laundry.stripe.charges().at(-1)?.amountRefunded).toBe(100);
  });

  test('in part: the session goes on, and what went back is told', async () => {
    const { token, checkoutId, intentId } = await running();
    await laundry.stripe.refundFromDashboard(intentId, 40);
    expect((await post(last('charge.refunded'))).told).toEqual(ok);
    expect(await sessionOf(laundry, token)).toMatchObject({ state: 'running', refund: { amount: 40, state: 'done' } });
    expect(await paymentOf(checkoutId)).toMatchObject({ refundedAmount: 40 });
    await laundry.ahead(61_000);
    expect(await sessionOf(laundry, token)).toMatchObject({ status: 'COMPLETED', refund: { amount: 40 } });
    expect(laundry.stripe.charges().at(-1)?.amountRefunded).toBe(40);
  });
});

describe('what is signed but not for us', () => {
  test.each([
    ['of a kind nobody knows', () => eventOf('customer.created', { id: 'cus_1' })],
    ['of a payment nobody knows', () => eventOf('payment_intent.succeeded', intent('pay_unknown'))],
    ['in a shape nobody knows', () => eventOf('checkout.session.completed', { id: 7 })],
    ['about nothing', () => eventOf('charge.refunded', null)],
  ])('%s is taken note of and changes nothing', async (_, event) => {
    const before = await fingerprint(laundry, { except: ['provider_events'] });
    expect((await post(event())).told).toEqual(ok);
    expect(await fingerprint(laundry, { except: ['provider_events'] })).toEqual(before);
  });

  const intent = (paymentId: string) => ({
    id: 'pi_foreign',
    amount_received: 100,
    currency: 'eur',
    metadata: { paymentId },
  });

  test('by another organization’s account never reaches our payments', async () => {
    const secret = 'whsec_of_the_other_organization';
    await ask(laundry, 'PATCH /api/configs/stripe', { webhookSecret: secret }, { token: laundry.tokens.stranger });
    const begun = await paid();
    const { id } = await paymentOf(begun.checkoutId);
    const events = [
      eventOf('payment_intent.succeeded', intent(id)),
      last('checkout.session.completed'),
      last('payment_intent.succeeded'),
    ];
    for (const event of events) {
      expect((await post(event, { path: '/api/stripe/webhook/other', secret })).told).toEqual(ok);
      expect((await post(event, { path: '/api/stripe/webhook', secret })).told[0]).toBe(400);
    }
    expect(await sessionOf(laundry, begun.token)).toMatchObject({ status: 'PENDING' });
    expect((await post(last('checkout.session.completed'))).told).toEqual(ok);
    expect(await sessionOf(laundry, begun.token)).toMatchObject({ status: 'ACTIVE' });
    await ask(laundry, 'PATCH /api/configs/stripe', { webhookSecret: null }, { token: laundry.tokens.stranger });
  });
});

describe('what Stripe did not sign', () => {
  const event = JSON.stringify({ id: 'evt_x', object: 'event', type: 'charge.refunded', data: { object: {} } });
  const cases: [string, () => Record<string, string>][] = [
    ['without a signature', () => ({ 'stripe-signature': '' })],
    ['with a signature in words', () => ({ 'stripe-signature': 'trust me' })],
    ['with another secret', () => ({ 'stripe-signature': sign(event, { secret: 'whsec_guessed' }) })],
    ['with an empty secret', () => ({ 'stripe-signature': sign(event, { secret: '' }) })],
    ['of six minutes ago', () => ({ 'stripe-signature': sign(event, { at: laundry.clock.now() - 360_000 }) })],
    ['over other bytes', () => ({ 'stripe-signature': sign(`${event} `) })],
    [
      'with a token of staff instead',
      () => ({ 'stripe-signature': '', authorization: `Bearer ${laundry.tokens.admin}` }),
    ],
  ];
  test.each(cases)('%s is refused and changes nothing', async (_, headers) => {
    const before = await fingerprint(laundry);
    expectError(await post(event, { headers: headers() }), 400, 'INVALID_SIGNATURE');
    expect(await fingerprint(laundry)).toEqual(before);
  });

  test.each([
    ['nothing at all', ''],
    ['no JSON', 'hello'],
    ['JSON that is no event', '[]'],
    ['an event without an id', '{"object":"event","type":"x","data":{"object":{}}}'],
  ])('%s, though signed, is refused', async (_, raw) => {
    const before = await fingerprint(laundry);
    expectError(await post(raw), 400, 'INVALID_SIGNATURE');
    expect(await fingerprint(laundry)).toEqual(before);
  });

  test('for an organization without a secret, or without existence, is refused', async () => {
    expectError(await post(event, { path: '/api/stripe/webhook/other' }), 400, 'INVALID_SIGNATURE');
    expectError(await post(event, { path: '/api/stripe/webhook/other', secret: '' }), 400, 'INVALID_SIGNATURE');
    expectError(await post(event, { path: '/api/stripe/webhook/nobody' }), 404, 'NOT_FOUND');
    expectError(await laundry.call('GET', '/api/stripe/webhook'), 405, 'METHOD_NOT_ALLOWED');
  });

  test('and is too long, is refused before it is read', async () => {
    expectError(await post(JSON.stringify({ pad: 'x'.repeat(1_100_000) })), 413, 'PAYLOAD_TOO_LARGE');
  });
});
