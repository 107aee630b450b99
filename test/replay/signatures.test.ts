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

  test('of another currency: nothing starts, it is brought to the owner once, and not asked about all the time', async () => {
    const { id } = await bought.payment();
    await ask(100, 'usd', id);
    for (const type of ['checkout.session.completed', 'payment_intent.succeeded']) {
      const event = laundry.stripe.events().find((one) => one.type === type);
      expect((await postWebhook(laundry, { ...event, id: `evt_again_${type}` })).status).toBe(200);
    }
    await laundry.ahead(61_000);
    expect((await bought.payment()).status).toBe('PENDING');
    expect((await bought.session()).phase).toBe('awaiting-payment');
    expect(await notices()).toEqual(['payment-mismatch']);
    expect(await laundry.app.rounds.due()).toBe(0);
    await ask(100, 'eur', id);
  });

  test('the true event, after all that, starts the run', async () => {
    expect((await postWebhook(laundry, completed())).status).toBe(200);
    await laundry.until('a run', async () => (await bought.session()).phase === 'running');
    await laundry.ahead(61_000);
    await expectMoneyAddsUp(laundry, bought, 100);
    expect(await notices()).toEqual([]);
  });

  test.each(['told', 'asked', 'told before the money'])(
    'of another currency, and given back by hand: there is nothing to look at any more (%s)',
    async (how) => {
      const other = await buy(laundry, { pay: false });
      const { id } = await other.payment();
      await ask(100, 'usd', id);
      await laundry.stripe.pay(other.checkoutId);
      if (how === 'told before the money') {
        await laundry.stripe.refundFromDashboard(other.charge().paymentIntentId);
        await laundry.stripe.deliver(other.events()['charge.refunded'] ?? '');
        await laundry.stripe.deliver(other.events()['checkout.session.completed'] ?? '');
      } else {
        await laundry.ahead(61_000);
        await laundry.until('the notice', async () => (await notices()).length === 1);
        await laundry.stripe.refundFromDashboard(other.charge().paymentIntentId, 40);
        await laundry.ahead(601_000);
        expect(await notices()).toEqual(['payment-mismatch']);
        await laundry.stripe.refundFromDashboard(other.charge().paymentIntentId);
        if (how === 'told') await laundry.stripe.deliver(other.events()['charge.refunded'] ?? '');
        else await laundry.ahead(601_000);
      }
      await laundry.until('it settled', async () => (await other.payment()).status === 'FAILED');
      await laundry.until('no notice', async () => (await notices()).length === 0);
      expect(await other.session()).toMatchObject({ phase: 'cancelled', failure_reason: 'payment_not_completed' });
      await ask(100, 'eur', id);
    },
  );

  test('another amount: it buys nothing, and goes back as it came, by whichever way it is heard of', async () => {
    for (const way of ['webhook', 'job']) {
      const other = await buy(laundry, { pay: false });
      await ask(777, 'eur', (await other.payment()).id);
      await laundry.stripe.pay(other.checkoutId);
      if (way === 'webhook') for (const id of Object.values(other.events())) await laundry.stripe.deliver(id, 2);
      else await laundry.ahead(61_000);
      await expectMoneyAddsUp(laundry, other, 0);
      expect(await other.payment()).toMatchObject({ amount: 100, status: 'REFUNDED' });
      expect(await notices()).toEqual([]);
      expect(laundry.shelly.device('Washer 1').channels[0]?.output).toBe(false);
      expect(await laundry.app.rounds.due()).toBe(0);
    }
  });
});
