import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Bought, buy, expectMoneyAddsUp } from '../support/bought.ts';
import { type Laundry, openLaundry } from '../support/laundry.ts';
import { fingerprint } from '../support/rows.ts';
import { type Forgery, postWebhook, stripeEvent } from '../support/webhook.ts';

let laundry: Laundry;
let bought: Bought;
beforeAll(async () => {
  laundry = await openLaundry();
  laundry.stripe.holdWebhooks(true);
  bought = await buy(laundry);
});
afterAll(() => laundry.close());

const completed = () => laundry.stripe.events().find(({ type }) => type === 'checkout.session.completed');

describe('a webhook that Stripe did not sign as it is', () => {
  const forgeries: [string, Forgery][] = [
    ['signed with another secret', { secret: 'whsec_of_somebody_else' }],
    ['signed six minutes ago', { ageSeconds: 360 }],
    ['not signed', { signature: null }],
    ['with an empty signature', { signature: '' }],
    ['with a signature that is none', { signature: 't=1,v1=00' }],
    ['the same in meaning, not in bytes', { bytes: (signed) => JSON.stringify(JSON.parse(signed)) }],
    ['one space longer', { bytes: (signed) => `${signed} ` }],
  ];

  test.each(forgeries)('%s is refused and changes nothing', async (_, forged) => {
    const before = await fingerprint(laundry, { except: ['relays'] });
    const answer = await postWebhook(laundry, completed(), forged);
    expect(answer.status).toBe(400);
    expect(answer.body).toMatchObject({ code: 'INVALID_SIGNATURE' });
    expect(await fingerprint(laundry, { except: ['relays'] })).toEqual(before);
  });
});

describe('money that does not fit', () => {
  const notices = async () =>
    ((await laundry.call('GET', '/api/notices', { token: laundry.tokens.admin })).body as { kind: string }[]).map(
      ({ kind }) => kind,
    );
  const ask = (amount: number, currency: string, id: string) =>
    laundry.app.database.pool.query('update payments set amount = $1, currency = $2 where id = $3', [
      amount,
      currency,
      id,
    ]);

  test('an event about a payment that is not ours is taken note of and left', async () => {
    const object = { ...completed()?.data.object, id: 'cs_other', client_reference_id: 'pay_other', metadata: {} };
    expect((await postWebhook(laundry, stripeEvent('checkout.session.completed', object))).status).toBe(200);
    expect((await bought.session()).phase).toBe('awaiting-payment');
    expect(await notices()).toEqual([]);
  });

  test('the true event, after that, starts the run', async () => {
    expect((await postWebhook(laundry, completed())).status).toBe(200);
    await laundry.until('a run', async () => (await bought.session()).phase === 'running');
    await laundry.ahead(61_000);
    await expectMoneyAddsUp(laundry, bought, 100);
    expect(await notices()).toEqual([]);
  });

  test('of another currency, and given back by hand before it was heard of: nothing came that counts', async () => {
    const other = await buy(laundry, { pay: false });
    const { id } = await other.payment();
    await ask(100, 'usd', id);
    await laundry.stripe.pay(other.checkoutId);
    await laundry.stripe.refundFromDashboard(other.charge().paymentIntentId);
    await laundry.stripe.deliver(other.events()['charge.refunded'] ?? '');
    await laundry.stripe.deliver(other.events()['checkout.session.completed'] ?? '');
    await laundry.until('it settled', async () => (await other.payment()).status === 'FAILED');
    expect(await notices()).toEqual([]);
    expect(await other.session()).toMatchObject({ phase: 'cancelled', failure_reason: 'payment_not_completed' });
    expect(other.charge().refunds).toHaveLength(1);
    await ask(100, 'eur', id);
  });

  test('of another currency, a part of it given back by hand: the rest goes back by itself', async () => {
    const other = await buy(laundry, { pay: false });
    await ask(100, 'usd', (await other.payment()).id);
    await laundry.stripe.pay(other.checkoutId);
    await laundry.stripe.refundFromDashboard(other.charge().paymentIntentId, 40);
    await laundry.stripe.deliver(other.events()['charge.refunded'] ?? '');
    expect(await notices()).toEqual(['payment-mismatch']);
    await laundry.ahead(61_000);
    await laundry.until('all of it back', async () => (await other.payment()).status === 'REFUNDED');
    expect(other.charge().refunds.map(({ amount }) => amount)).toEqual([40, 60]);
    expect(await notices()).toEqual([]);
  });

  test.each([
    ['another amount', 777, 'eur'],
    ['another currency', 100, 'usd'],
    ['another amount of another currency', 10_000, 'jpy'],
  ])('%s: it buys nothing, and goes back as it came, by whichever way it is heard of', async (_, amount, currency) => {
    for (const way of ['webhook', 'job']) {
      const other = await buy(laundry, { pay: false });
      await ask(amount, currency, (await other.payment()).id);
      await laundry.stripe.pay(other.checkoutId);
      if (way === 'webhook') for (const id of Object.values(other.events())) await laundry.stripe.deliver(id, 2);
      else await laundry.ahead(61_000);
      await expectMoneyAddsUp(laundry, other, 0);
      expect(await other.payment()).toMatchObject({ amount: 100, currency: 'eur', status: 'REFUNDED' });
      expect((await other.session()).phase).toBe('cancelled');
      expect(other.charge().refunds.map((one) => one.amount)).toEqual([100]);
      expect(await notices()).toEqual([]);
      expect(laundry.shelly.device('Washer 1').channels[0]?.output).toBe(false);
      expect(await laundry.app.rounds.due()).toBe(0);
    }
  });
});
