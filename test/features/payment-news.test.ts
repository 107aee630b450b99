import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { buy } from '../support/bought.ts';
import { type Laundry, openLaundry } from '../support/laundry.ts';
import { adminOf } from '../support/signed-in.ts';

let laundry: Laundry;
beforeAll(async () => {
  laundry = await openLaundry();
});
afterAll(() => laundry.close());

const admin = adminOf(() => laundry);
const payments = async () =>
  (await laundry.call('GET', '/api/payments', await admin())).body as Record<string, unknown>[];
const notices = async () => (await laundry.call('GET', '/api/notices', await admin())).body as { kind: string }[];
const known = (code: string) => laundry.until(code, async () => (await payments())[0]?.declineCode === code);

describe('a card that is declined', () => {
  test('leaves the payment open, says why, and the guest may pay with another', async () => {
    const bought = await buy(laundry, { pay: false });
    await laundry.stripe.pay(bought.checkoutId, '4000000000000002');
    await known('generic_decline');
    laundry.clock.ahead(2000);
    await laundry.stripe.pay(bought.checkoutId, '4000000000009995');
    await known('insufficient_funds');
    expect((await payments())[0]).toMatchObject({ status: 'PENDING', paidAt: null });
    expect((await bought.session()).phase).toBe('awaiting-payment');
    await laundry.stripe.pay(bought.checkoutId, '4000002500003155');
    await laundry.stripe.authenticate(bought.checkoutId, false);
    await known('payment_intent_authentication_failure');
    await laundry.stripe.pay(bought.checkoutId, '4000002500003155');
    expect(await laundry.stripe.authenticate(bought.checkoutId, true)).toEqual({ paid: true });
    await laundry.until('a run', async () => (await bought.session()).phase === 'running');
    expect((await payments())[0]).toMatchObject({ status: 'SUCCEEDED' });
    await laundry.ahead(61_000);
    await laundry.until('the end', async () => (await bought.session()).phase === 'completed');
  });
});

describe('parts given back at Stripe’s dashboard', () => {
  const byHand = (intent: string, amount?: number) => laundry.stripe.refundFromDashboard(intent, amount);
  const back = (refunded: number) =>
    laundry.until(`${refunded} back`, async () => (await payments())[0]?.refundedAmount === refunded);

  test('two parts, and then the rest: the list and the guest’s page tell each, and nothing is asked for besides', async () => {
    const bought = await buy(laundry);
    await laundry.until('a run', async () => (await bought.session()).phase === 'running');
    const { paymentIntentId } = bought.charge();
    const view = async () => (await laundry.call('GET', `/api/public/sessions/${bought.token}`)).body;
    await byHand(paymentIntentId, 20);
    await back(20);
    await byHand(paymentIntentId, 30);
    await back(50);
    expect(await view()).toMatchObject({ state: 'running', refund: { amount: 50, state: 'done' } });
    expect((await payments())[0]).toMatchObject({ status: 'SUCCEEDED' });
    await laundry.ahead(61_000);
    await laundry.until('the end', async () => (await bought.session()).phase === 'completed');
    await byHand(paymentIntentId);
    await back(100);
    expect((await payments())[0]).toMatchObject({ status: 'REFUNDED' });
    expect(await view()).toMatchObject({ status: 'COMPLETED', refund: { amount: 100, state: 'done' } });
    expect(bought.charge().refunds.map(({ amount }) => amount)).toEqual([20, 30, 50]);
    expect(await bought.payment()).toMatchObject({ refunded: 100, refunded_outside: 100, owed: 0 });
  });
});

describe('the key of Stripe', () => {
  const enter = async (secretKey: string) =>
    laundry.call('PATCH', '/api/configs/stripe', { ...(await admin()), body: { secretKey } });

  test('is tried as soon as it is entered: a wrong one raises a notice, the right one clears it', async () => {
    const { secretKey } = laundry.stripe;
    await enter('sk_test_of_somebody_else');
    await laundry.until('the notice', async () => (await notices()).some(({ kind }) => kind === 'stripe-credentials'));
    await enter(secretKey);
    await laundry.until('no notice', async () => (await notices()).length === 0);
  });
});

describe('events of the provider', () => {
  test('are forgotten after 35 days, and one that is told again then changes nothing', async () => {
    const bought = await buy(laundry);
    await laundry.until('a run', async () => (await bought.session()).phase === 'running');
    await laundry.ahead(61_000);
    await laundry.until('the end', async () => (await bought.session()).phase === 'completed');
    const events = bought.events();
    const count = async () => {
      const { rows } = await laundry.app.database.pool.query<{ n: number }>(
        'select count(*)::int as n from provider_events',
      );
      return rows[0]?.n ?? 0;
    };
    laundry.clock.ahead(34 * 24 * 3_600_000);
    await laundry.app.services.payments.forgetOldEvents();
    expect(await count()).toBeGreaterThan(0);
    laundry.clock.ahead(2 * 24 * 3_600_000);
    await laundry.app.services.payments.forgetOldEvents();
    expect(await count()).toBe(0);
    const before = await bought.payment();
    for (const id of Object.values(events)) expect(await laundry.stripe.deliver(id)).toEqual([200]);
    expect((await bought.payment()).status).toBe(before.status);
    expect((await bought.session()).phase).toBe('completed');
  });
});
