import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { type Laundry, openLaundry } from '../../support/laundry.ts';
import { beginToPay, sessionOf, untilState } from '../../support/purchase.ts';
import { ask, expectError, expectRefused, type Refusal } from '../../support/requests.ts';

let laundry: Laundry;
beforeAll(async () => {
  laundry = await openLaundry();
});
afterAll(() => laundry.close());
afterEach(async () => {
  laundry.stripe.holdWebhooks(false);
  await laundry.until('nothing runs and nothing is held', async () => {
    const sessions = (await ask(laundry, 'GET /api/sessions')).body;
    const open = sessions.filter(({ status }: { status: string }) => status === 'PENDING' || status === 'ACTIVE');
    for (const { token } of open) await ask(laundry, `PATCH /api/sessions/${token}/end`);
    const { rows } = await laundry.app.database.pool.query('select 1 from holds');
    return open.length === 0 && rows.length === 0;
  });
});

const begin = (cookie?: string, planId = laundry.washer.plans.now) =>
  beginToPay(laundry, planId, cookie === undefined ? {} : { cookie });
const checkout = (id: string) => laundry.stripe.checkouts().find((one) => one.id === id);
const paymentOf = async (checkoutId: string) =>
  (await ask(laundry, 'GET /api/payments')).body.find(
    ({ stripeSessionId }: { stripeSessionId: string }) => stripeSessionId === checkoutId,
  );
const minute = 60_000;

describe('the hold of the guest who is paying', () => {
  test('answers the holder’s own repeats with the same checkout, also when they come at once', async () => {
    const before = laundry.stripe.checkouts().length;
    const first = await begin();
    expect((await begin(first.cookie)).url).toBe(first.url);
    const repeats = await Promise.all([1, 2, 3, 4].map(() => begin(first.cookie)));
    for (const repeat of repeats) expect(repeat).toMatchObject({ status: 200, url: first.url, token: first.token });
    const otherAddress = await beginToPay(laundry, laundry.washer.plans.now, {
      cookie: first.cookie,
      body: { successUrl: `${laundry.url}/thanks` },
    });
    expect(otherAddress.url).toBe(first.url);
    expect(laundry.stripe.checkouts().length).toBe(before + 1);
  });

  test('refuses every other guest for three minutes, and tells how long', async () => {
    await begin();
    for (const cookie of [undefined, `keystead_hold=${'x'.repeat(32)}`, 'keystead_hold=forged']) {
      for (const planId of [laundry.washer.plans.now, laundry.washer.plans.free]) {
        const answer = await laundry.call('POST', `/api/public/device/${laundry.washer.uid}/intent`, {
          body: { planId },
          ...(cookie === undefined ? {} : { cookie }),
        });
        expectError(answer, 409, 'DEVICE_HELD');
        const seconds = Number(answer.headers.get('retry-after'));
        expect(seconds).toBeGreaterThan(170);
        expect(seconds).toBeLessThanOrEqual(180);
      }
    }
    await laundry.ahead(2 * minute);
    const answer = await laundry.call('POST', `/api/public/device/${laundry.washer.uid}/intent`, {
      body: { planId: laundry.washer.plans.now },
    });
    expect(Number(answer.headers.get('retry-after'))).toBeLessThanOrEqual(60);
  });

  test('is given to one of two guests who come at the same moment', async () => {
    const both = await Promise.all([begin(), begin(), begin()]);
    expect(both.map(({ status }) => status).toSorted((a, b) => a - b)).toEqual([200, 409, 409]);
    expect(both.find(({ status }) => status === 409)?.code).toBe('DEVICE_HELD');
  });

  test('is not made longer by repeats: nobody keeps a device for ever without paying', async () => {
    const first = await begin();
    await laundry.ahead(2 * minute);
    expect((await begin(first.cookie)).url).toBe(first.url);
    expect((await begin()).code).toBe('DEVICE_HELD');
    await laundry.ahead(minute + 1000);
    expect((await begin()).status).toBe(200);
    expect((await begin(first.cookie)).code).toBe('DEVICE_HELD');
  });

  test('is given to the holder once more when it ran out and nobody else came', async () => {
    const first = await begin();
    await laundry.ahead(4 * minute);
    expect((await begin(first.cookie)).url).toBe(first.url);
    expect((await begin()).code).toBe('DEVICE_HELD');
    await laundry.stripe.pay(first.checkoutId);
    await untilState(laundry, first.token, 'running');
  });

  test('lets the holder choose anew, but not without end', async () => {
    const { now, hour } = laundry.washer.plans;
    const { cookie } = await begin();
    const answers = [];
    for (let count = 0; count < 6; count++) answers.push(await begin(cookie, count % 2 === 0 ? hour : now));
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 200, 200, 200, 429]);
    const refused = await laundry.call('POST', `/api/public/device/${laundry.washer.uid}/intent`, {
      body: { planId: now },
      cookie,
    });
    expectError(refused, 429, 'RATE_LIMITED');
    expect(Number(refused.headers.get('retry-after'))).toBeLessThanOrEqual(180);
    const open = laundry.stripe.checkouts().filter(({ status }) => status === 'open');
    await laundry.until(
      'one checkout is left',
      () => open.filter(({ id }) => checkout(id)?.status === 'open').length <= 1,
    );
  });

  test('moves with the holder to another plan: the checkout before is expired', async () => {
    const first = await begin();
    const second = await begin(first.cookie, laundry.washer.plans.hour);
    expect(second.status).toBe(200);
    expect(second.url).not.toBe(first.url);
    await laundry.until('the first is expired', () => checkout(first.checkoutId)?.status === 'expired');
    expect(await untilState(laundry, first.token, 'payment-not-completed')).toMatchObject({ status: 'CANCELLED' });
    expect((await begin()).code).toBe('DEVICE_HELD');
    expect(checkout(second.checkoutId)).toMatchObject({ status: 'open', amount: 250 });
  });

  test('is over after three minutes: another guest takes the device, the old checkout is expired at Stripe', async () => {
    const first = await begin();
    await laundry.ahead(3 * minute + 1000);
    const second = await begin();
    expect(second.status).toBe(200);
    await laundry.until('the first is expired', () => checkout(first.checkoutId)?.status === 'expired');
    expect(await laundry.stripe.pay(first.checkoutId)).toEqual({ paid: false, declineCode: 'session_expired' });
    expect(await untilState(laundry, first.token, 'payment-not-completed')).toMatchObject({
      status: 'CANCELLED',
      failureReason: 'payment_not_completed',
    });
    expect(await paymentOf(first.checkoutId)).toMatchObject({ status: 'FAILED' });
    expect((await begin(first.cookie)).code).toBe('DEVICE_HELD');
    await laundry.stripe.pay(second.checkoutId);
    await untilState(laundry, second.token, 'running');
  });

  test('refunds the first guest in full who had paid meanwhile, and the second one gets the device', async () => {
    laundry.stripe.holdWebhooks(true);
    const first = await begin();
    expect((await laundry.stripe.pay(first.checkoutId)).paid).toBe(true);
    // nobody asks Stripe before the second guest comes, also no round that happens to go between the two
    await laundry.app.database.pool.query("update payments set check_at = check_at + interval '1 hour'");
    laundry.clock.ahead(3 * minute + 1000);
    const second = await begin();
    expect(second.status).toBe(200);
    const refunded = await laundry.until('the first is refunded', async () => {
      const session = await sessionOf(laundry, first.token);
      return session.refund?.state === 'done' ? session : null;
    });
    expect(refunded).toMatchObject({ status: 'CANCELLED', startedAt: null, refund: { amount: 100, state: 'done' } });
    expect(await paymentOf(first.checkoutId)).toMatchObject({ status: 'REFUNDED', refundedAmount: 100 });
    laundry.stripe.holdWebhooks(false);
    await laundry.stripe.pay(second.checkoutId);
    await untilState(laundry, second.token, 'running');
    const charge = laundry.stripe.charges().find(({ refunds }) => refunds.length > 0);
    expect(charge).toMatchObject({ amount: 100, amountRefunded: 100 });
  });

  test('ends with the session that staff gave up, and with the checkout that expired', async () => {
    const first = await begin();
    expect((await ask(laundry, `PATCH /api/sessions/${first.token}/end`)).body.status).toBe('CANCELLED');
    await laundry.until('the first is expired', () => checkout(first.checkoutId)?.status === 'expired');
    const second = await begin();
    expect(second.status).toBe(200);
    laundry.clock.ahead(41 * minute);
    await laundry.until('the second is over', async () => {
      await laundry.ahead(0);
      return (await sessionOf(laundry, second.token)).status === 'CANCELLED';
    });
    expect((await begin()).status).toBe(200);
  });
});

describe('activation by proof of payment', () => {
  const activate = (checkoutSessionId: unknown, uid = laundry.washer.uid) =>
    laundry.call('POST', `/api/public/device/${uid}/activate`, { body: { checkoutSessionId } });

  test('starts a paid session once, whoever asks how often, and before any webhook', async () => {
    laundry.stripe.holdWebhooks(true);
    const begun = await begin();
    expectError(await activate(begun.checkoutId), 401, 'PAYMENT_REQUIRED_PROOF');
    await laundry.stripe.pay(begun.checkoutId);
    laundry.clock.ahead(3000); // Stripe is asked once in 3 s
    const answers = await Promise.all([1, 2, 3].map(() => activate(begun.checkoutId)));
    for (const { status, body } of answers) expect([status, body]).toEqual([200, { sessionToken: begun.token }]);
    await untilState(laundry, begun.token, 'running');
    laundry.stripe.holdWebhooks(false);
    await laundry.until('the webhooks came', () => laundry.stripe.deliveries().every(({ delivered }) => delivered));
    expect((await activate(begun.checkoutId)).body).toEqual({ sessionToken: begun.token });
    const sets = laundry.shelly.history('Washer 1').filter(({ kind, on }) => kind === 'set' && on);
    const startedAt = Date.parse((await sessionOf(laundry, begun.token)).startedAt);
    expect(sets.filter(({ at }) => at >= startedAt - 1000).length).toBe(1);
  });

  test('is refused for another device, for what is not paid, and for what nobody knows', async () => {
    const begun = await begin();
    await laundry.stripe.pay(begun.checkoutId, '4000000000000002');
    expectError(await activate(begun.checkoutId), 401, 'PAYMENT_REQUIRED_PROOF');
    await laundry.stripe.pay(begun.checkoutId);
    await untilState(laundry, begun.token, 'running');
    expectError(await activate(begun.checkoutId, laundry.dryer.uid), 401, 'PAYMENT_REQUIRED_PROOF');
    expectError(await activate(begun.checkoutId, 'unknown'), 404, 'NOT_FOUND');
    expectError(await activate('cs_test_unknown'), 401, 'PAYMENT_REQUIRED_PROOF');
  });

  test('is refused for a checkout that was expired', async () => {
    const begun = await begin();
    await ask(laundry, `PATCH /api/sessions/${begun.token}/end`);
    await laundry.until('it is expired', () => checkout(begun.checkoutId)?.status === 'expired');
    expectError(await activate(begun.checkoutId), 401, 'PAYMENT_REQUIRED_PROOF');
  });

  test('is refused for a checkout of the same account that is not ours', async () => {
    const made = await fetch(`${laundry.stripe.url}/v1/checkout/sessions`, {
      method: 'POST',
      headers: {
        authorization: `Bearer ${laundry.stripe.secretKey}`,
        'content-type': 'application/x-www-form-urlencoded',
      },
      body: new URLSearchParams({
        mode: 'payment',
        success_url: 'http://127.0.0.1/ok',
        'line_items[0][quantity]': '1',
        'line_items[0][price_data][currency]': 'eur',
        'line_items[0][price_data][unit_amount]': '100',
        'line_items[0][price_data][product_data][name]': 'Something else',
        'metadata[deviceId]': laundry.washer.id,
      }),
    });
    const { id } = JSON.parse(await made.text());
    expect((await laundry.stripe.pay(id)).paid).toBe(true);
    expectError(await activate(id), 401, 'PAYMENT_REQUIRED_PROOF');
  });

  const path = 'POST /api/public/device/{washerUid}/activate';
  test.each<Refusal>([
    ['no body', path, undefined, 400, 'VALIDATION_ERROR', 'body'],
    ['no checkout', path, {}, 400, 'VALIDATION_ERROR', 'checkoutSessionId'],
    ['null', path, { checkoutSessionId: null }, 400, 'VALIDATION_ERROR', 'checkoutSessionId'],
    ['a number', path, { checkoutSessionId: 5 }, 400, 'VALIDATION_ERROR', 'checkoutSessionId'],
    ['256 characters', path, { checkoutSessionId: 'x'.repeat(256) }, 400, 'VALIDATION_ERROR', 'checkoutSessionId'],
    ['more than that', path, { checkoutSessionId: 'cs_1', paid: true }, 400, 'VALIDATION_ERROR', 'paid'],
    ['nothing', path, { checkoutSessionId: '' }, 401, 'PAYMENT_REQUIRED_PROOF'],
    ['a path', path, { checkoutSessionId: '../balance' }, 401, 'PAYMENT_REQUIRED_PROOF'],
    ['a query', path, { checkoutSessionId: 'cs_1?expand[]=x' }, 401, 'PAYMENT_REQUIRED_PROOF'],
  ])('is refused with %s', async (...row) => {
    await expectRefused(laundry, row, { token: null });
  });
});
